import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { connectText } from '../../src/codex/connectText.ts';
import { disconnectText } from '../../src/codex/disconnectText.ts';
import { providerFields, providerId } from '../../src/codex/providerTable.ts';
import { sealReasoning } from '../../src/responses/reasoning.ts';
import { wires } from '../codex/stack.ts';
import { at, textAt } from '../support/json.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import {
  call,
  cut,
  failure,
  finish,
  freeform,
  http,
  offered,
  reasoning,
  type SeenRequest,
  type Step,
  stopShort,
  type Turn,
  text,
} from '../support/script.ts';
import { called, fn, returned, Session, said, startSession } from '../support/session.ts';
import type { Wire } from '../support/wire.ts';

/**
 * What hurts the users of other proxies most, one test per class and wire. The fakes are strict: what
 * a vendor refuses, they refuse, and each test ends with the check that they refused nothing.
 */
async function start(t: TestContext, wire: Wire, fields: object = {}) {
  const scope = testScope(t);
  // The Chat fake is as strict as OpenAI's own API, whose quirks the catalog has.
  const quirks = { chat: { reasoningReplay: 'field', toolCallIds: 'max40' } };
  const started = await startSession(scope, wire, { tools: [fn('run')], ...fields }, quirks);
  scope.add(() => assert.deepEqual(started.provider.refusals, []));
  return { scope, ...started };
}

/** Each call has its one result behind it, before anybody else says anything. */
function assertPaired({ messages }: SeenRequest): readonly string[] {
  const seen: string[] = [];
  let open: string[] = [];
  for (const { role, callId, calls } of messages) {
    if (role === 'tool') {
      assert.ok(callId !== undefined && open.includes(callId), `a result of nothing: ${callId}`);
      open = open.filter((id) => id !== callId);
      continue;
    }
    assert.deepEqual(open, [], 'a call without its result');
    open = calls.map(({ id }) => id);
    seen.push(...open);
  }
  assert.deepEqual(open, []);
  assert.equal(new Set(seen).size, seen.length, 'two calls of one id');
  return seen;
}

const patch = '*** Begin Patch\n*** Add File: a.txt\n+"hi" \\n ünï\n*** End Patch';
const patchTool = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Patches files',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "*** Begin Patch"' },
};

/** Answers of each wire whose counts are not numbers as they should be. */
const oddUsage: Readonly<Record<string, string>> = {
  'openai-chat': [
    { choices: [{ index: 0, delta: { content: 'Hi.' }, finish_reason: 'stop' }] },
    {
      choices: [],
      usage: {
        prompt_tokens: 7.9,
        completion_tokens: null,
        total_tokens: '11',
        prompt_tokens_details: {},
        completion_tokens_details: { reasoning_tokens: 99 },
      },
    },
  ]
    .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
    .concat('data: [DONE]\n\n')
    .join(''),
  anthropic: [
    {
      type: 'message_start',
      message: { id: 'm', role: 'assistant', content: [], usage: { input_tokens: 7.9 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi.' } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: '3', output_tokens_details: { thinking_tokens: 99 } },
    },
    { type: 'message_stop' },
  ]
    .map((event) => `data: ${JSON.stringify(event)}\n\n`)
    .join(''),
  google: `data: ${JSON.stringify({
    candidates: [{ content: { role: 'model', parts: [{ text: 'Hi.' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 7.9, candidatesTokenCount: null, thoughtsTokenCount: '9' },
  })}\n\n`,
  'openai-responses': [
    {
      type: 'response.output_item.done',
      output_index: 0,
      item: {
        type: 'message',
        id: 'm',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hi.', annotations: [] }],
      },
    },
    {
      type: 'response.completed',
      response: {
        id: 'r',
        status: 'completed',
        output: [],
        usage: { input_tokens: 7.9, output_tokens: null, input_tokens_details: {} },
      },
    },
  ]
    .map((event) => `data: ${JSON.stringify(event)}\n\n`)
    .join(''),
};

for (const wire of wires) {
  describe(`over ${wire.name}`, () => {
    test('1: every result follows its call, whatever stood between them', async (t) => {
      const { provider, session } = await start(t, wire);
      provider.play([text('Fine.')]);
      await session.done(
        said('user', 'Go'),
        called('a'),
        said('assistant', 'Text between a call and its output.'),
        called('b'),
        returned('b', 'of b'),
        said('developer', 'An instruction between.'),
        returned('a', 'of a'),
        called('never-answered'),
        said('user', 'Interrupted.'),
        returned('unknown', 'of nobody'),
        called('a'),
        returned('a', 'of the second a'),
        said('assistant', 'The part that came before the cut'),
      );
      const [request] = provider.requests;
      assert.ok(request);
      assert.equal(assertPaired(request).length, 4);
      const results = request.messages.filter(({ role }) => role === 'tool');
      assert.deepEqual(
        results.map((message) => message.text),
        ['of a', 'of b', 'aborted', 'of the second a'],
      );
      assert.notEqual(request.messages.at(-1)?.role, 'assistant');
    });

    test('2: a tool comes back with the kind, name and namespace of its declaration', async (t) => {
      const long = 'x'.repeat(100);
      const tools = [
        fn('run'),
        patchTool,
        {
          type: 'namespace',
          name: 'mcp__srv',
          description: 'Notes',
          tools: [fn('echo'), fn(long)],
        },
        { type: 'namespace', name: 'mcp__other', description: 'Other', tools: [fn('echo')] },
        { type: 'tool_search', execution: 'client', description: 'Finds tools', parameters: {} },
      ];
      const { provider, session } = await start(t, wire, { tools });
      provider.play((request) => [
        call(offered(request, /^run$/), {}),
        freeform(request, offered(request, /^apply_patch$/), patch),
        call(offered(request, /srv.*echo/), {}),
        call(offered(request, /x{20}/), {}),
        call(offered(request, /other.*echo/), {}),
        call(offered(request, /^tool_search$/), { query: 'notes' }),
        call(offered(request, /^later$/), {}),
      ]);
      const lite = { type: 'additional_tools', role: 'developer', tools: [fn('later')] };
      const { calls: items, events } = await session.done(lite, said('user', 'Go'));
      assert.deepEqual(
        items.map((item) => [item['type'], item['namespace'], item['name']]),
        [
          ['function_call', undefined, 'run'],
          ['custom_tool_call', undefined, 'apply_patch'],
          ['function_call', 'mcp__srv', 'echo'],
          ['function_call', 'mcp__srv', long],
          ['function_call', 'mcp__other', 'echo'],
          ['tool_search_call', undefined, undefined],
          ['function_call', undefined, 'later'],
        ],
      );
      for (const event of events)
        if (event['type'] === 'response.function_call_arguments.done')
          assert.notEqual(event['name'], '', 'a call without a name');
      const found = {
        type: 'tool_search_output',
        call_id: items[5]?.['call_id'],
        tools: [{ type: 'namespace', name: 'mcp__late', description: '', tools: [fn('note')] }],
      };
      provider.play((request) => [call(offered(request, /late.*note/), {})]);
      const outputs = items
        .filter((item) => item['type'] !== 'tool_search_call')
        .map((item) =>
          item['type'] === 'custom_tool_call'
            ? { ...returned(item['call_id'], 'ok'), type: 'custom_tool_call_output' }
            : returned(item['call_id'], 'ok'),
        );
      const [late] = (await session.done(...outputs, found)).calls;
      assert.deepEqual([late?.['namespace'], late?.['name']], ['mcp__late', 'note']);
    });

    test('3: a patch is raw text, however the model has wrapped it', async (t) => {
      const { provider, session } = await start(t, wire, { tools: [patchTool] });
      const forms: readonly string[] = [
        patch,
        `\`\`\`diff\n${patch}\n\`\`\``,
        JSON.stringify({ input: patch }),
        JSON.stringify({ patch }),
        `apply_patch <<'EOF'\n${patch}\nEOF`,
        `Here it is:\n${patch}\nDone.`,
      ];
      for (const form of forms) {
        provider.play((request) => [freeform(request, 'apply_patch', form)]);
        const [item] = (await session.done(said('user', 'Patch'))).calls;
        assert.deepEqual([item?.['type'], item?.['input']], ['custom_tool_call', patch], form);
        session.history.push({
          ...returned(item?.['call_id'], 'ok'),
          type: 'custom_tool_call_output',
        });
      }
      provider.play([text('Done.')]);
      await session.done(said('user', 'And?'));
      assert.equal(assertPaired(provider.requests.at(-1) ?? assert.fail()).length, forms.length);
    });

    test('4: a stream ends with one terminal event, also where the provider’s did not', async (t) => {
      const { provider, session } = await start(t, wire);
      const ends: readonly (readonly [last: Step, how: string])[] = [
        [text('Done.'), 'response.completed'],
        [cut, 'response.failed'],
        [stopShort, 'response.failed'],
        [failure('We broke.'), 'response.failed'],
        [finish('length'), 'response.incomplete'],
      ];
      for (const [last, how] of ends) {
        const posts = provider.posts;
        provider.playAlways([text('The beginning '), last]);
        const { end, events, text: sse } = await session.ask(said('user', 'Go'));
        assert.equal(end?.['type'], how, sse.slice(-500));
        const terminal = events.filter(({ type }) =>
          /^response\.(?:completed|incomplete|failed)$/.test(String(type)),
        );
        assert.equal(terminal.length, 1);
        assert.equal(provider.posts, posts + 1, 'what was said is asked for again');
      }
    });

    test('5: thoughts go back to the model that had them, and to nobody else', async (t) => {
      const { scope, provider, session } = await start(t, wire);
      provider.play([reasoning('A plan.'), call('run', {})], [text('Ran.')]);
      const [made] = (await session.done(said('user', 'Go'))).calls;
      await session.done(returned(textAt(made, 'call_id'), 'ok'));
      const thoughts = (request: SeenRequest | undefined) =>
        request?.messages.map((message) => message.reasoning).join('');
      assert.equal(thoughts(provider.requests[1]), 'A plan.');

      const other = await wire.start(scope);
      const elsewhere = await startProxy(scope, {
        defaultProvider: 'b',
        providers: { b: other.entry },
      });
      other.play([text('Hi.')]);
      const moved = new Session(elsewhere, { model: 'b/sim-1', tools: [fn('run')] });
      moved.history.push(...session.history);
      await moved.done(said('user', 'And you?'));
      assert.deepEqual(other.refusals, []);
      assert.equal(thoughts(other.requests[0]), '');
      assert.doesNotMatch(JSON.stringify(other.requests[0]?.body), /A plan|ocx1\./);
    });

    test('6: no field and no schema goes out that the provider refuses', async (t) => {
      const odd = {
        $schema: 'http://json-schema.org/draft-07/schema#',
        anyOf: [
          { type: 'object', properties: { a: { const: 1 } }, required: ['a'] },
          { $ref: '#/definitions/b' },
        ],
        definitions: { b: { type: 'object', properties: { b: { type: ['string', 'null'] } } } },
      };
      const { provider, session, proxy } = await start(t, wire, { tools: [fn('run', odd)] });
      provider.play([text('With an odd tool.')]);
      await session.done(said('user', 'Go'));
      assert.equal(at(provider.requests[0]?.tools[0]?.parameters, 'type'), 'object');
      const fields = {
        tool_choice: 'required',
        parallel_tool_calls: true,
        reasoning: { effort: 'max', summary: 'auto', context: 'all_turns' },
        include: ['reasoning.encrypted_content'],
        prompt_cache_key: 'session',
        service_tier: 'priority',
        metadata: { a: 'b' },
        client_metadata: { a: 'b' },
        text: { verbosity: 'low' },
      };
      for (const tools of [undefined, [], [fn('run', {})]]) {
        provider.play([text('Fine.')]);
        const asked = new Session(proxy, { ...fields, tools });
        await asked.done(said('user', 'Go'));
      }
    });

    test('7: a history of another provider is taken', async (t) => {
      const { provider, session } = await start(t, wire);
      provider.play([text('Fine.')]);
      const thought = {
        type: 'reasoning',
        id: '0f8b3c1e-uuid',
        summary: [{ type: 'summary_text', text: 'Theirs.' }],
        content: null,
      };
      await session.done(
        { ...said('user', 'Go'), id: 'not-a-msg' },
        { ...thought, encrypted_content: `gAAAA${'x'.repeat(200)}` },
        { ...thought, encrypted_content: sealReasoning('another', 'sim-1', { part: 'call' }) },
        { ...thought, encrypted_content: null, content: [{ type: 'reasoning_text', text: 'Hm.' }] },
        { ...called(`toolu_01|sig:abc/=+ {"a":1}${'y'.repeat(300)}`), id: 'item_7' },
        returned(`toolu_01|sig:abc/=+ {"a":1}${'y'.repeat(300)}`, 'ok'),
        { ...called('call_1', 'their_tool'), namespace: 'gone' },
        returned('call_1', 'ok'),
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { query: 'q' } },
        { ...said('assistant', 'Theirs.'), id: 'chatcmpl-1', status: 'completed' },
        said('user', 'Go on'),
      );
      assert.equal(assertPaired(provider.requests[0] ?? assert.fail()).length, 2);
      assert.doesNotMatch(JSON.stringify(provider.requests[0]?.body), /gAAAA|ocx1\.|rs_/);
    });

    test('8: what goes out grows no faster than what comes in', async (t) => {
      const { provider, session, proxy } = await start(t, wire);
      const sizes: number[] = [];
      for (const count of [300, 600]) {
        const steps = Array.from({ length: count }, (_, n) => text(`word ${n} `));
        provider.play(steps, [call('run', { cmd: 'x'.repeat(count * 100) })]);
        const asked = new Session(proxy, { tools: [fn('run')] });
        const first = await asked.done(said('user', 'Talk'));
        const second = await asked.done(said('user', 'Call'));
        sizes.push(first.text.length + second.text.length);
      }
      const [small = 0, large = 0] = sizes;
      assert.ok(large < 2.2 * small, `${small} bytes became ${large}`);

      const mebibyte = 'x'.repeat(1024 * 1024);
      provider.play([text('Long.')]);
      await session.done(said('user', 'Read'), called('a'), returned('a', mebibyte));
      const sent = JSON.stringify(provider.requests.at(-1)?.body).length;
      assert.ok(sent < mebibyte.length + 20_000, `${sent} bytes were sent`);
    });

    test('10: a failure is told as one, and odd counts do not break the answer', async (t) => {
      const { provider, session } = await start(t, wire);
      const sse = { 'content-type': 'text/event-stream' };
      const json = { 'content-type': 'application/json' };
      const failures: readonly (readonly [Turn, RegExp])[] = [
        [http(200, { error: { message: 'Our database is down.', code: 500 } }), /database is down/],
        [http(200, '<html><title>Bad gateway</title></html>'), /web page/],
        [http(200, '', sse), /Acme|sim|ended|closed/i],
        [http(200, '{"half": "an ans', json), /ended|closed|complete/],
        [http(500, '<html>Oops</html>'), /web page|failed/],
        [[failure('We broke in the middle.')], /We broke in the middle/],
      ];
      for (const [turn, says] of failures) {
        provider.playAlways(turn);
        const { items, end, text: body, status } = await session.ask(said('user', 'Go'));
        assert.deepEqual(items, []);
        if (status === 200) assert.equal(end?.['type'], 'response.failed', body);
        assert.match(body, says);
        assert.match(body, /sim/i, 'the provider is not named');
      }

      // A call that was cut is no call.
      provider.playAlways([call('run', '{"cmd":"rm -rf bui'), finish('length')]);
      if (wire.objectArguments !== true) {
        const { items, end } = await session.ask(said('user', 'Go'));
        assert.deepEqual([items, end?.['type']], [[], 'response.incomplete']);
      }

      provider.playAlways(http(200, oddUsage[wire.name] ?? assert.fail(), sse));
      const { end, items } = await session.done(said('user', 'Go'));
      assert.equal(at(items, 0, 'content', 0, 'text'), 'Hi.');
      const counts = at(end, 'response', 'usage');
      for (const key of ['input_tokens', 'output_tokens', 'total_tokens'])
        assert.ok(Number.isInteger(at(counts, key)), JSON.stringify(counts));
      for (const path of [
        ['input_tokens_details', 'cached_tokens'],
        ['output_tokens_details', 'reasoning_tokens'],
      ])
        assert.ok(Number.isInteger(at(counts, ...path)), JSON.stringify(counts));
    });
  });
}

test('9: Codex keeps its own providers, and its configuration comes back byte for byte', () => {
  const provider = providerFields({ port: 10100, token: 'tok' }, 'none');
  const facts = { noFinalNewline: false, mode: undefined, created: 'nothing' } as const;
  const theirs = [
    '# mine\nmodel = "gpt-6"  # the best\nmodel_provider = "openai"\n\n[mcp_servers.a]\ncommand = "a"\n',
    'model_provider = "lab"\r\n[model_providers.lab]\r\nname = "Lab"\r\nbase_url = "http://x/v1"\r\n',
    '',
  ];
  assert.ok(!['openai', 'ollama', 'lmstudio', 'amazon-bedrock'].includes(providerId));
  for (const text of theirs) {
    const connected = connectText(text, { provider }, facts);
    assert.ok(connected.ok);
    assert.match(connected.text, new RegExp(`model_provider = "${providerId}"`));
    assert.doesNotMatch(connected.text, /^openai_base_url|name = "OpenAI"/m);
    const back = disconnectText(connected.text, { keepProvider: false });
    assert.equal(back.ok ? back.text : back.problem.reason, text);
    // Threads are pinned to the provider: with its table they can still be opened.
    const kept = disconnectText(connected.text, { keepProvider: true });
    assert.ok(kept.ok && kept.text.includes(`[model_providers.${providerId}]`));
    assert.ok(kept.ok && !new RegExp(`^model_provider = "${providerId}"`, 'm').test(kept.text));
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sealReasoning, sealSummary } from '../../src/responses/reasoning.ts';
import { decodeRequest } from '../../src/responses/request.ts';
import {
  assistant,
  bytesOf,
  call,
  decoded,
  functionTool,
  outline,
  output,
  refusal,
  target,
  user,
} from './samples.ts';

const run = functionTool('run');

describe('decodeRequest: messages', () => {
  it('takes the system prompt from instructions or from developer messages', () => {
    const { turn } = decoded({
      instructions: 'Be brief.',
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be kind.' }] },
        user('hi'),
      ],
    });
    assert.deepEqual(outline(turn), ['system: Be brief.', 'system: Be kind.', 'user: hi']);
  });

  it('takes a plain string, and messages without type or with string content', () => {
    assert.deepEqual(outline(decoded({ input: 'hi' }).turn), ['user: hi']);
    const { turn } = decoded({
      input: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'hello' },
        { role: 'user', content: 'bye' },
      ],
    });
    assert.deepEqual(outline(turn), [
      'system: Be brief.',
      'user: hi',
      'assistant: hello',
      'user: bye',
    ]);
  });

  it('keeps images, refusals, text files and a note of what cannot be shown', () => {
    const { turn } = decoded({
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'look' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'high' },
            { type: 'input_image', image_url: 'https://example.org/a.png' },
            { type: 'input_image', file_id: 'file-1' },
            {
              type: 'input_file',
              filename: 'a.txt',
              file_data: `data:text/plain;base64,${btoa('hello')}`,
            },
            {
              type: 'input_file',
              filename: 'b.pdf',
              file_data: 'data:application/pdf;base64,AA==',
            },
            { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } },
            { type: 'from_the_future', data: 1 },
          ],
        },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'I will not.' }] },
        user('why?'),
      ],
    });
    assert.deepEqual(outline(turn), [
      'user: look | <data:image/png;base64,AA==> | <https://example.org/a.png> | ' +
        '[An image was attached here by reference; it cannot be shown to this model.] | ' +
        '[File "a.txt":\nhello\n] | [A file "b.pdf" was attached here; it cannot be shown to this model.] | ' +
        '[A recording was attached here; this model cannot hear it.]',
      'assistant: I will not.',
      'user: why?',
    ]);
    const image = turn.messages[0]?.content[1];
    assert.equal(image?.type === 'image' ? image.detail : '', 'high');
  });

  it('shows a picture in instructions as the user', () => {
    const { turn } = decoded({
      input: [
        {
          role: 'developer',
          content: [
            { type: 'input_text', text: 'a' },
            { type: 'input_image', image_url: 'https://x/y' },
          ],
        },
        user('q'),
      ],
    });
    assert.deepEqual(outline(turn), ['system: a', 'user: <https://x/y>', 'user: q']);
  });

  it('gives the text of an agent message to the model, also where it is called encrypted', () => {
    const agent = (encrypted: string) => ({
      type: 'agent_message',
      author: '/root',
      recipient: '/root/child',
      content: [
        { type: 'input_text', text: 'Payload:\n' },
        { type: 'encrypted_content', encrypted_content: encrypted },
      ],
    });
    assert.deepEqual(outline(decoded({ input: [agent('count the files')] }).turn), [
      'user: Payload:\ncount the files',
    ]);
    assert.match(
      outline(decoded({ input: [agent(`gAAAA${'x'.repeat(95)}==`)] }).turn)[0] ?? '',
      /encrypted by another provider/,
    );
  });

  it('skips what it does not know', () => {
    const { turn } = decoded({
      input: [
        user('q'),
        {
          type: 'web_search_call',
          id: 'ws_1',
          status: 'completed',
          action: { type: 'search', query: 'x' },
        },
        { type: 'file_search_call', id: 'fs', queries: [] },
        { type: 'something_new', call_id: 7 },
        {},
        { type: 5 },
        {
          type: 'image_generation_call',
          result: 'AAAA',
          status: 'completed',
          revised_prompt: 'a cat',
        },
      ],
      tools: [
        { type: 'web_search' },
        { type: 'code_interpreter', container: {} },
        { type: 'new' },
        {},
      ],
    });
    assert.deepEqual(outline(turn), ['user: q', 'user: [The assistant made an image: a cat]']);
    assert.deepEqual(turn.tools, []);
  });
});

describe('decodeRequest: calls', () => {
  it('keeps the text of arguments byte by byte and repairs what is no object', () => {
    const { turn } = decoded({
      tools: [run],
      input: [
        user('q'),
        call('a', 'run', '{ "cmd": "ls" }'),
        output('a', 'x'),
        call('b', 'run', '{"cmd": "l'),
        output('b', 'failed to parse'),
        call('c', 'run', JSON.stringify('{"cmd":"ls"}')),
        output('c', 'x'),
        call('d', 'run', '[1]'),
        output('d', 'x'),
        call('e', 'run', ''),
        output('e', 'x'),
      ],
    });
    assert.deepEqual(
      outline(turn).filter((line) => line.startsWith('assistant')),
      ['a=run{ "cmd": "ls" }', 'b=run{}', 'c=run{"cmd":"ls"}', 'd=run{}', 'e=run{}'].map(
        (part) => `assistant: ${part}`,
      ),
    );
  });

  it('gives custom calls back as calls of the function that they became', () => {
    const { turn } = decoded({
      tools: [{ type: 'custom', name: 'apply_patch', description: 'd', format: { type: 'text' } }],
      input: [
        user('q'),
        { type: 'custom_tool_call', call_id: 'a', name: 'apply_patch', input: 'line "1"\nline 2' },
        {
          type: 'custom_tool_call_output',
          call_id: 'a',
          output: [{ type: 'input_text', text: 'ok' }],
        },
      ],
    });
    assert.deepEqual(outline(turn), [
      'user: q',
      'assistant: a=apply_patch{"input":"line \\"1\\"\\nline 2"}',
      'tool a: ok',
    ]);
  });

  it('takes outputs as text, parts with images, objects, or nothing', () => {
    const { turn } = decoded({
      tools: [run],
      input: [
        user('q'),
        call('a', 'run'),
        {
          type: 'function_call_output',
          call_id: 'a',
          output: [
            { type: 'input_text', text: 't' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
          ],
        },
        call('b', 'run'),
        { type: 'function_call_output', call_id: 'b', output: { content: 'c', success: true } },
        call('c', 'run'),
        { type: 'function_call_output', call_id: 'c', output: null },
        { type: 'function_call_output', output: 'whose?' },
      ],
    });
    assert.deepEqual(
      outline(turn).filter((line) => !line.startsWith('assistant')),
      [
        'user: q',
        'tool a: t | <data:image/png;base64,AA==>',
        'tool b: {"content":"c","success":true}',
        'tool c: (no output)',
        'user: Output of an earlier tool call: | whose?',
      ],
    );
  });

  it('pairs a local shell call with its output', () => {
    const { turn } = decoded({
      tools: [run],
      input: [
        user('q'),
        {
          type: 'local_shell_call',
          call_id: 'a',
          status: 'completed',
          action: { type: 'exec', command: ['ls'] },
        },
        output('a', 'aborted'),
      ],
    });
    assert.deepEqual(outline(turn), [
      'user: q',
      'assistant: a=local_shell{"type":"exec","command":["ls"]}',
      'tool a: aborted',
    ]);
  });

  it('turns calls into text where no tools are offered, as in local compaction', () => {
    const { turn } = decoded({
      tools: [],
      input: [user('q'), call('a', 'run', '{"cmd":"ls"}'), output('a', 'x'), user('sum up')],
    });
    assert.deepEqual(outline(turn), [
      'user: q',
      'assistant: [Tool call: run]\n{"cmd":"ls"}',
      'user: [Tool result: run] | x',
      'user: sum up',
    ]);
  });
});

describe('decodeRequest: reasoning and compaction', () => {
  const reasoning = (encrypted: string | null, more: object = {}) => ({
    type: 'reasoning',
    id: 'rs_1',
    summary: [
      { type: 'summary_text', text: 'one' },
      { type: 'summary_text', text: 'two' },
    ],
    content: null,
    encrypted_content: encrypted,
    ...more,
  });
  const partOf = (item: object) => {
    const { turn } = decoded({
      tools: [run],
      input: [user('q'), item, call('a', 'run'), output('a', 'x')],
    });
    return turn.messages[1]?.content[0];
  };

  it('gives back what the same provider and model family needs', () => {
    const sealed = sealReasoning('acme', 'large-20260101', { signature: 'sig' });
    assert.deepEqual(partOf(reasoning(sealed)), {
      type: 'reasoning',
      text: 'one\n\ntwo',
      carry: { signature: 'sig' },
    });
    assert.deepEqual(partOf(reasoning(sealed, { summary: [] })), {
      type: 'reasoning',
      text: '',
      carry: { signature: 'sig' },
    });
  });

  it('keeps only the text of another provider, another model, and OpenAI', () => {
    const text = { type: 'reasoning', text: 'one\n\ntwo', carry: undefined };
    for (const other of [
      sealReasoning('other', 'large', 1),
      sealReasoning('acme', 'small', 1),
      'gAAAAABo',
      null,
    ])
      assert.deepEqual(partOf(reasoning(other)), text);
    assert.equal(partOf(reasoning('gAAAA', { summary: [] }))?.type, 'tool_call');
  });

  it('prefers the raw thought to the summary', () => {
    const raw = [
      { type: 'reasoning_text', text: 'raw' },
      { type: 'text', text: ' more' },
    ];
    assert.deepEqual(partOf(reasoning(null, { content: raw })), {
      type: 'reasoning',
      text: 'raw more',
      carry: undefined,
    });
  });

  it('expands its own compaction and drops another', () => {
    const { turn, reply } = decoded({
      input: [
        user('q'),
        { type: 'compaction', id: 'cmp_1', encrypted_content: sealSummary('we did it') },
        { type: 'context_compaction', encrypted_content: 'gAAAA' },
        { type: 'compaction', encrypted_content: sealReasoning('acme', 'large', 1) },
        user('go on'),
      ],
    });
    assert.deepEqual(outline(turn), [
      'user: q',
      'user: Summary of the conversation so far:\n\nwe did it',
      'user: go on',
    ]);
    assert.equal(reply.compaction, false);
  });

  it('asks for a summary where the input ends with a compaction trigger', () => {
    const { turn, reply } = decoded({
      tools: [run],
      input: [user('q'), call('a', 'run'), output('a', 'x'), { type: 'compaction_trigger' }],
    });
    assert.equal(reply.compaction, true);
    assert.deepEqual(turn.toolChoice, { type: 'none' });
    assert.match(outline(turn).at(-1) ?? '', /^user: .*summary/);
    assert.match(
      outline(turn)[1] ?? '',
      /^assistant: a=run/,
      'calls stay calls: the tools are still offered',
    );
  });

  it('makes the GPT identity of Codex neutral, in every place where a base prompt comes', () => {
    const base = 'You are Codex, an agent based on GPT-6. You and the user share one workspace.';
    const input = [
      { role: 'developer', content: base },
      { role: 'developer', content: `<model_switch>\nContinue:\n\n${base}\n</model_switch>` },
      user(base),
    ];
    const neutral = 'You are Codex, an agent. You and the user share one workspace.';
    assert.deepEqual(outline(decoded({ instructions: base, input }).turn), [
      `system: ${neutral}`,
      `system: ${neutral}`,
      `system: <model_switch>\nContinue:\n\n${neutral}\n</model_switch>`,
      `user: ${base}`,
    ]);
    const kept = decodeRequest(bytesOf({ model: 'm', input }), {
      ...target,
      rewriteIdentity: false,
    });
    assert.ok(kept.ok);
    assert.equal(outline(kept.turn)[0], `system: ${base}`);
  });
});

describe('decodeRequest: parameters', () => {
  it('reads every field that reaches the model', () => {
    const { turn, reply } = decoded({
      input: 'q',
      stream: true,
      parallel_tool_calls: false,
      reasoning: { effort: 'xhigh', summary: 'auto', context: 'all_turns' },
      text: {
        verbosity: 'low',
        format: { type: 'json_schema', name: 'out', strict: true, schema: { type: 'object' } },
      },
      max_output_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      prompt_cache_key: 'k',
      service_tier: 'priority',
      metadata: { a: 'b', c: 1 },
      store: true,
      include: ['reasoning.encrypted_content'],
      client_metadata: { x: 1 },
    });
    assert.deepEqual(
      { ...turn, messages: [] },
      {
        model: 'large',
        messages: [],
        tools: [],
        toolChoice: { type: 'auto' },
        parallelToolCalls: false,
        reasoning: { effort: 'xhigh', summary: 'auto' },
        output: { type: 'json_schema', name: 'out', strict: true, schema: { type: 'object' } },
        verbosity: 'low',
        maxOutputTokens: 100,
        temperature: 0.5,
        topP: 0.9,
        cacheKey: 'k',
        serviceTier: 'priority',
        stream: true,
      },
    );
    assert.equal(reply.requestedModel, 'acme/large');
    assert.equal(reply.model, 'large');
    assert.deepEqual(reply.echo.metadata, { a: 'b' });
  });

  it('takes what is absent or null as not said', () => {
    const { turn } = decoded({
      input: 'q',
      stream: null,
      reasoning: null,
      text: null,
      tools: null,
      temperature: null,
      tool_choice: null,
    });
    assert.deepEqual(
      [turn.stream, turn.reasoning.effort, turn.temperature, turn.output.type],
      [false, undefined, undefined, 'text'],
    );
    assert.equal(turn.parallelToolCalls, undefined);
  });

  it('lets a configuration update set the effort that the request does not name', () => {
    const update = { type: 'configuration_update', reasoning: { effort: 'low' } };
    assert.equal(decoded({ input: [user('q'), update] }).turn.reasoning.effort, 'low');
    assert.equal(
      decoded({ input: [user('q'), update], reasoning: { effort: 'high' } }).turn.reasoning.effort,
      'high',
    );
  });

  it('reads tool_choice in all of its forms', () => {
    const tools = [
      run,
      functionTool('see'),
      { type: 'namespace', name: 'mcp__s', description: '', tools: [functionTool('run')] },
    ];
    const choice = (tool_choice: unknown) => {
      const { turn } = decoded({ input: 'q', tools, tool_choice });
      return [turn.toolChoice, turn.tools.map((tool) => tool.name)];
    };
    const all = ['run', 'see', 'mcp__s__run'];
    assert.deepEqual(choice('required'), [{ type: 'required' }, all]);
    assert.deepEqual(choice('none'), [{ type: 'none' }, all]);
    assert.deepEqual(choice({ type: 'function', name: 'see' }), [
      { type: 'tool', name: 'see' },
      all,
    ]);
    assert.deepEqual(choice({ type: 'function', name: 'run', namespace: 'mcp__s' }), [
      { type: 'tool', name: 'mcp__s__run' },
      all,
    ]);
    assert.deepEqual(choice({ type: 'web_search' }), [{ type: 'auto' }, all]);
    assert.deepEqual(
      choice({
        type: 'allowed_tools',
        mode: 'required',
        tools: [{ type: 'function', name: 'see' }],
      }),
      [{ type: 'required' }, ['see']],
    );
    assert.deepEqual(decoded({ input: 'q', tool_choice: 'required' }).turn.toolChoice, {
      type: 'auto',
    });
    assert.match(
      refusal({ model: 'm', input: 'q', tools, tool_choice: { type: 'function', name: 'nope' } }),
      /"nope", which is not among "tools"/,
    );
  });
});

describe('decodeRequest: refusals', () => {
  const cases: readonly [string, unknown, string][] = [
    ['no model', { input: 'q' }, '"model" must be a string, but is missing.'],
    ['an empty model', { model: '', input: 'q' }, '"model" must be a name, but is empty.'],
    [
      'a model that is no string',
      { model: 1, input: 'q' },
      '"model" must be a string, but is a number.',
    ],
    ['no object', [], 'the body must be a JSON object.'],
    [
      'no input',
      { model: 'm' },
      '"input" must be a text or items with something to answer, but is empty.',
    ],
    [
      'input of a wrong type',
      { model: 'm', input: 5 },
      '"input" must be a string or an array of items, but is a number.',
    ],
    ['an item that is no object', { model: 'm', input: ['q'] }, '"input[0]" must be an object.'],
    [
      'a call without id',
      { model: 'm', input: [user('q'), { type: 'function_call', name: 'a', arguments: '' }] },
      '"input[1].call_id" must be a string, but is missing.',
    ],
    [
      'a call without name',
      { model: 'm', input: [{ type: 'custom_tool_call', call_id: 'a', input: '' }] },
      '"input[0].name" must be a string, but is missing.',
    ],
    [
      'content of a wrong type',
      { model: 'm', input: [{ role: 'user', content: 1 }] },
      '"input[0].content" must be a string or an array of parts, but is a number.',
    ],
    [
      'a tool without name',
      { model: 'm', input: 'q', tools: [{ type: 'function' }] },
      '"tools[0].name" must be a string, but is missing.',
    ],
    [
      'a tool inside a namespace',
      {
        model: 'm',
        input: 'q',
        tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 2 }] }],
      },
      '"tools[0].tools[0].name" must be a string, but is a number.',
    ],
    [
      'a tool that is no object',
      { model: 'm', input: 'q', tools: ['x'] },
      '"tools[0]" must be an object, but is a string.',
    ],
    [
      'stream that is no boolean',
      { model: 'm', input: 'q', stream: 'yes' },
      '"stream" must be true or false, but is a string.',
    ],
    [
      'temperature that is no number',
      { model: 'm', input: 'q', temperature: 'hot' },
      '"temperature" must be a number, but is a string.',
    ],
    [
      'reasoning that is no object',
      { model: 'm', input: 'q', reasoning: 'high' },
      '"reasoning" must be an object, but is a string.',
    ],
    [
      'a format without type',
      { model: 'm', input: 'q', text: { format: {} } },
      '"text.format.type" must be a string, but is missing.',
    ],
    [
      'a stored response',
      { model: 'm', input: 'q', previous_response_id: 'resp_1' },
      '"previous_response_id" cannot be used, because nothing is stored here. Send the whole conversation in "input".',
    ],
    [
      'a stored item',
      { model: 'm', input: [{ type: 'item_reference', id: 'msg_1' }] },
      '"input" refers to the stored item "msg_1", but nothing is stored here. Send the items themselves ("store": false).',
    ],
    [
      'background',
      { model: 'm', input: 'q', background: true },
      '"background" cannot be used here. Leave it out or send false.',
    ],
  ];
  for (const [name, body, sentence] of cases)
    it(`says what is wrong with ${name}`, () => {
      assert.equal(refusal(body), `Invalid request: ${sentence}`);
    });

  it('says where the JSON is broken and quotes nothing of it', () => {
    const broken = new TextEncoder().encode('{"model":"m","input":"my secret text" oops}');
    const result = decodeRequest(broken, target);
    assert.ok(!result.ok);
    assert.match(
      result.error.message,
      /^Invalid request: the body is not valid JSON( at position \d+)?\.$/,
    );
  });

  it('survives a byte order mark, an empty body and broken UTF-8', () => {
    const text = new TextEncoder().encode(`\ufeff${JSON.stringify({ model: 'm', input: 'q' })}`);
    assert.ok(decodeRequest(text, target).ok);
    assert.ok(!decodeRequest(new Uint8Array(), target).ok);
    const broken = bytesOf({ model: 'm', input: 'Xx' });
    broken[broken.indexOf(0x58)] = 0xff;
    const result = decodeRequest(broken, target);
    assert.ok(result.ok);
    assert.deepEqual(outline(result.turn), ['user: \ufffdx']);
  });
});

it('gives the same Turn and the same ReplyContext for the same bytes', () => {
  const body = bytesOf({
    model: 'm',
    tools: [run],
    input: [user('q'), assistant('a'), call('a', 'run'), output('a', 'x')],
  });
  assert.deepEqual(decodeRequest(body, target), decodeRequest(body, target));
});

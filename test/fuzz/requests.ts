import assert from 'node:assert/strict';
import { translate } from '../../src/adapters/translate.ts';
import { peekRequest, replaceModel } from '../../src/responses/peek.ts';
import { dropSealed, sealReasoning } from '../../src/responses/reasoning.ts';
import { decodeRequest } from '../../src/responses/request.ts';
import { chatTarget, claude, gemini, responsesTarget } from '../adapters/target.ts';
import type { Random } from '../responses/random.ts';
import { assistant, call, functionTool, output, target, user } from '../responses/samples.ts';
import { assertWellFormed } from '../responses/wellFormed.ts';
import { bytesOf, damaged, torn } from './damage.ts';
import type { Fuzzer } from './fuzzer.ts';

const targets = [
  chatTarget({ reasoning: 'effort' } as object),
  claude(),
  gemini(),
  responsesTarget(),
] as const;

/** A request as Codex makes them, of every kind of item. */
function request(random: Random): object {
  const image = { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'high' };
  const items: object[] = [
    user(random.text()),
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'see' }, image] },
    assistant(random.text()),
    {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'Hm.' }],
      encrypted_content: sealReasoning('acme', 'acme-large', { reasoning_content: 'so' }),
    },
    call('a', 'run', '{"cmd":"ls"}'),
    output('a', random.text()),
    { type: 'custom_tool_call', call_id: 'p', name: 'apply_patch', input: random.text() },
    { type: 'custom_tool_call_output', call_id: 'p', output: 'Done' },
    { type: 'local_shell_call', call_id: 'l', action: { type: 'exec', command: ['ls'] } },
    { type: 'tool_search_call', call_id: 's', execution: 'client', arguments: { query: 'q' } },
    { type: 'tool_search_output', call_id: 's', tools: [functionTool('found')] },
    { type: 'web_search_call', id: 'w', action: { type: 'search', query: 'q' } },
    { type: 'compaction', encrypted_content: 'gAAAA' },
  ];
  return {
    model: 'acme/large',
    instructions: 'You are Codex, based on GPT-5.',
    input: items.filter(() => random.chance(70)),
    tools: [
      functionTool('run', {
        type: 'object',
        properties: { cmd: { type: ['string', 'null'], enum: ['ls'] }, on: { $ref: '#/$defs/x' } },
        $defs: { x: { anyOf: [{ type: 'string' }, { const: 1 }] } },
        required: ['cmd'],
      }),
      { type: 'namespace', name: 'mcp__srv', description: 'S', tools: [functionTool('echo')] },
      { type: 'custom', name: 'apply_patch', description: '', format: { type: 'text' } },
      { type: 'web_search', external_web_access: true },
      { type: 'tool_search', execution: 'client', description: '', parameters: {} },
    ],
    tool_choice: random.pick(['auto', 'required', 'none', { type: 'function', name: 'run' }]),
    parallel_tool_calls: true,
    reasoning: { effort: 'high', summary: 'auto' },
    text: {
      verbosity: 'low',
      format: { type: 'json_schema', name: 'o', schema: { type: 'object' } },
    },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'k',
  };
}

function assertSentence(message: string): void {
  assert.ok(message.length > 0 && message.length < 4_000, `a message of ${message.length}`);
}

const decoder: Fuzzer = {
  name: 'request decoder and encoders',
  quick: 500,
  run(random) {
    const body = JSON.stringify(damaged(request(random), random, random.pick([0, 1, 3, 8])));
    const bytes = bytesOf(torn(body, random, random.pick([0, 0, 0, 2])), random);
    const result = decodeRequest(bytes, target);
    if (result.ok) assertWellFormed(result.turn, result.reply);
    else assertSentence(result.error.message);
    const to = random.pick(targets);
    const translation = translate(bytes, 'acme/large', to);
    assert.equal(translation.ok, result.ok);
    if (!translation.ok) return;
    const sent = translation.request;
    JSON.parse(new TextDecoder().decode(sent.body));
    assert.ok(sent.body.length < bytes.length * 12 + 100_000, `${sent.body.length} bytes`);
    assert.ok(sent.url.startsWith(to.baseUrl), sent.url);
    const again = translate(bytes, 'acme/large', to);
    assert.ok(again.ok && Buffer.from(again.request.body).equals(sent.body), 'not the same bytes');
  },
};

const peeker: Fuzzer = {
  name: 'look at a request',
  quick: 500,
  run(random) {
    const whole = JSON.stringify(damaged(request(random), random, random.pick([0, 2, 5])));
    const bytes = bytesOf(torn(whole, random), random);
    const peeked = peekRequest(bytes);
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      // It may let pass what is no JSON: who decodes it says so.
    }
    if (!peeked.ok) {
      assertSentence(peeked.error.message);
    } else if (value !== undefined) {
      assert.equal(peeked.peek.model, Reflect.get(Object(value), 'model'));
      const changed = JSON.parse(
        new TextDecoder().decode(replaceModel(bytes, peeked.peek, 'other"model')),
      );
      assert.deepEqual(changed, { ...Object(value), model: 'other"model' });
    }
    const dropped = dropSealed(bytes);
    assert.ok(dropped.length <= bytes.length + 100_000);
    const left = Buffer.from(dropped).includes('"ocx1.');
    if (value !== undefined && peeked.ok && Array.isArray(Reflect.get(Object(value), 'input'))) {
      const sealed = Buffer.from(bytes).includes('ocx1.');
      if (!sealed) assert.ok(Buffer.from(dropped).equals(bytes), 'changed without a reason');
      void left;
    }
  },
};

export const requestFuzzers: readonly Fuzzer[] = [decoder, peeker];

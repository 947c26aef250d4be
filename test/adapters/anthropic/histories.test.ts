import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { anthropic } from '../../../src/adapters/anthropic/adapter.ts';
import { sealReasoning } from '../../../src/responses/reasoning.ts';
import { decodeRequest } from '../../../src/responses/request.ts';
import type { Turn } from '../../../src/turn/turn.ts';
import { claudeModels } from '../../support/anthropicModels.ts';
import { checkRequest } from '../../support/anthropicRules.ts';
import { random } from '../../support/cuts.ts';
import { at, isRecord, listOf } from '../../support/json.ts';
import { claude } from '../target.ts';

const models = [...Object.keys(claudeModels), 'MiniMax-M3'].filter((model) => model !== 'sim-1');

function decoded(body: object, model: string): Turn {
  const bytes = new TextEncoder().encode(JSON.stringify({ ...body, model: `acme/${model}` }));
  const requestedModel = `acme/${model}`;
  const request = decodeRequest(bytes, {
    requestedModel,
    provider: 'acme',
    model,
    rewriteIdentity: true,
  });
  assert.ok(request.ok, request.ok ? '' : request.error.message);
  return request.turn;
}

/** Encodes as Codex's request would be, and has the vendor's rules accept it. */
function accepted(body: object, model: string): unknown {
  const target = claude(model);
  const { body: text, headers } = anthropic.encode(decoded(body, model), target);
  assert.equal(anthropic.encode(decoded(body, model), target).body, text, 'not deterministic');
  const parsed: unknown = JSON.parse(text);
  checkRequest(parsed, headers, [model]);
  return parsed;
}

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const folder = resolve(
  repository,
  process.env['OPENCODEX_SHARED'] ?? '../shared',
  'reference/codex-captures',
);

describe('requests of the real Codex', {
  skip: !existsSync(folder) && 'the captures are not here',
}, () => {
  const files = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.json'))
    : [];
  const bodies = files.flatMap((name) => {
    const capture: unknown = JSON.parse(readFileSync(resolve(folder, name), 'utf8'));
    const body = at(capture, 'body');
    const whole =
      isRecord(body) && !('previous_response_id' in body) && listOf(body['input']).length > 0;
    return whole ? [body] : [];
  });
  console.log(`captures: ${bodies.length} requests for ${models.length} models each`);
  for (const model of models) {
    test(`are what the API takes for ${model}`, () => {
      for (const body of bodies) accepted(body, model);
    });
  }
});

type Next = () => number;

function pick<T>(next: Next, list: readonly [T, ...T[]]): T {
  return list[Math.floor(next() * list.length)] ?? list[0];
}

const words = ['', ' \n', 'Go on.', 'Häm 漢 😀', '"}\\', '\u0000'] as const;
const thinking = { type: 'thinking', thinking: 'Hm.', signature: 'Eq+/==' };
const png = 'data:image/png;base64,AAAA';

/** Anything that a history may hold, in any order, mended or not. */
function item(next: Next, model: string): object {
  const id = pick(next, ['a', 'b', 'call_1|fc', '', 'x'.repeat(90)]);
  const name = pick(next, ['run', 'gone', 'apply_patch']);
  switch (Math.floor(next() * 10)) {
    case 0:
      return {
        role: 'user',
        content: [{ type: 'input_text', text: pick(next, words) }, ...shown(next)],
      };
    case 1:
      return { role: 'assistant', content: [{ type: 'output_text', text: pick(next, words) }] };
    case 2:
      return { role: 'developer', content: pick(next, words) };
    case 3:
      return {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        encrypted_content: pick(next, [
          'gAAAAforeign',
          sealReasoning('acme', model, [thinking]),
          sealReasoning('acme', model, [{ type: 'redacted_thinking', data: 'Em+/' }]),
          sealReasoning('acme', model, [thinking, { ...thinking, signature: '' }, 7]),
          sealReasoning('acme', 'another', [thinking]),
          sealReasoning('acme', model, { field: 'reasoning_content' }),
        ]),
      };
    case 4:
    case 5:
    case 6:
      return {
        type: 'function_call',
        call_id: id,
        name,
        arguments: pick(next, ['{}', '{"a":1}', 'broken', '[1]', '']),
      };
    case 7:
      return {
        type: 'custom_tool_call',
        call_id: id,
        name: 'apply_patch',
        input: pick(next, words),
      };
    default:
      return {
        type: 'function_call_output',
        call_id: id,
        output: [{ type: 'input_text', text: pick(next, words) }, ...shown(next)],
      };
  }
}

function shown(next: Next): readonly object[] {
  const url = pick(next, [
    undefined,
    undefined,
    png,
    'https://example.com/a.png',
    'data:image/svg+xml,x',
  ]);
  return url === undefined ? [] : [{ type: 'input_image', image_url: url }];
}

const tools = [
  {
    type: 'function',
    name: 'run',
    description: 'Runs',
    parameters: { type: 'object', properties: { 'odd[name]': {} }, anyOf: [{ required: ['a'] }] },
  },
  { type: 'custom', name: 'apply_patch', description: '', format: { type: 'text' } },
];

/** The same with everything else that a client may ask for. */
function request(next: Next, input: readonly object[]): object {
  const effort = pick(next, [undefined, 'none', 'minimal', 'high', 'xhigh', 'max', 'turbo']);
  return {
    input,
    tools: next() < 0.8 ? tools : [],
    tool_choice: pick(next, ['auto', 'none', 'required', { type: 'function', name: 'run' }]),
    parallel_tool_calls: next() < 0.5,
    reasoning: { ...(effort === undefined ? {} : { effort }), summary: 'auto' },
    max_output_tokens: pick(next, [null, 100, 5000, 1_000_000]),
    temperature: pick(next, [null, 0.5, 2]),
    top_p: pick(next, [null, 0.5]),
    stream: next() < 0.5,
  };
}

describe('random histories', () => {
  for (const [number, model] of models.entries()) {
    test(`are what the API takes for ${model}, with every call and result paired`, () => {
      for (let seed = 1; seed <= 120; seed++) {
        const next = random(seed * 104_729 + number);
        const input = Array.from({ length: Math.floor(next() * 25) }, () => item(next, model));
        const body = request(next, [{ role: 'user', content: 'Q' }, ...input]);
        try {
          accepted(body, model);
        } catch (fault) {
          throw new Error(`seed ${seed}: ${JSON.stringify(body)}`, { cause: fault });
        }
      }
    });
  }

  test('that grow leave what was there the same bytes', () => {
    const model = 'claude-opus-5-5';
    for (let seed = 1; seed <= 40; seed++) {
      const next = random(seed);
      const input: object[] = [{ role: 'user', content: 'Q' }];
      let before = '';
      for (let step = 0; step < 6; step++) {
        const [one, two] = [`c${step}`, `d${step}`];
        input.push(
          {
            type: 'reasoning',
            summary: [],
            encrypted_content: sealReasoning('acme', model, [thinking]),
          },
          { type: 'function_call', call_id: one, name: 'run', arguments: `{"n":${next()}}` },
          { type: 'function_call', call_id: two, name: 'run', arguments: '{}' },
          { type: 'function_call_output', call_id: two, output: pick(next, words) },
          { type: 'function_call_output', call_id: one, output: 'x' },
        );
        if (next() < 0.3) input.push({ role: 'developer', content: 'Hurry.' });
        const { body } = anthropic.encode(decoded({ input, tools }, model), claude(model));
        const unmarked = body.replaceAll(/,"cache_control":\{"type":"ephemeral"\}/g, '');
        assert.equal(unmarked.slice(0, before.length), before);
        before = unmarked.slice(0, -2);
      }
    }
  });
});

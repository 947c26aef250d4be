import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject, OutputFormat } from '../../../src/turn/turn.ts';
import { at } from '../../support/json.ts';
import { gemini } from '../target.ts';
import { turnOf } from '../turns.ts';
import { sent, sentSchema } from './turns.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

describe('the parameters of a tool', () => {
  test('that need no change are sent as they are', () => {
    const schema = object(
      {
        path: { type: 'string', minLength: 1, pattern: '^/' },
        const: { type: ['string', 'null'] },
        any: {},
        map: { type: 'object', additionalProperties: { type: 'number' } },
        list: { type: 'array', items: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/node' }] } },
      },
      {
        required: ['path'],
        additionalProperties: false,
        $defs: { node: object({ next: { $ref: '#/$defs/node' } }) },
      },
    );
    assert.deepEqual(sentSchema(schema), schema);
  });

  test('are left out where there are none, but not where any name is allowed', () => {
    assert.equal(sentSchema(object({})), undefined);
    assert.equal(sentSchema(object({}, { additionalProperties: false })), undefined);
    const open = object({}, { additionalProperties: true });
    assert.deepEqual(sentSchema(open), open);
  });

  test('have an enum in place of a const, with a type that its values have', () => {
    const schema = object({
      mode: { const: 'fast' },
      level: { type: 'string', enum: [3] },
      either: { enum: ['a', 1] },
      flag: { const: true },
      nothing: { type: 'string', enum: ['a', null] },
      options: { anyOf: [{ const: 1.5 }, { const: null }] },
      default: { type: 'string', default: { const: 1 } },
    });
    assert.deepEqual(
      sentSchema(schema),
      object({
        mode: { type: 'string', enum: ['fast'] },
        level: { type: 'integer', enum: [3] },
        either: { type: ['string', 'integer'], enum: ['a', 1] },
        flag: { type: 'boolean' },
        nothing: { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
        options: { anyOf: [{ type: 'number', enum: [1.5] }, { type: 'null' }] },
        default: { type: 'string', default: { const: 1 } },
      }),
    );
  });

  test('are one object at the root', () => {
    const union = { anyOf: [object({ a: { type: 'string' } }), object({ b: { type: 'string' } })] };
    assert.deepEqual(
      sentSchema({ type: 'object', ...union }),
      object({ a: { type: 'string' }, b: { type: 'string' } }),
    );
  });

  test('keep to the limits of names and of nesting', () => {
    const long = 'x'.repeat(65);
    const named = object(
      { [long]: { type: 'string' }, ok: { type: 'string' } },
      { required: [long, 'ok'], additionalProperties: false },
    );
    assert.deepEqual(sentSchema(named), object({ ok: { type: 'string' } }, { required: ['ok'] }));
    let deep: JsonObject = { type: 'string' };
    for (let level = 0; level < 100; level += 1) deep = object({ inner: deep });
    assert.ok(JSON.stringify(sentSchema(deep)).includes('"inner":{}'));
  });
});

const answer = object(
  { ok: { type: 'boolean' } },
  { required: ['ok'], additionalProperties: false },
);

function format(schema: JsonObject = answer): OutputFormat {
  return { type: 'json_schema', name: 'codex_output_schema', schema, strict: true };
}

/** What is asked of the answer's form: the fields, and the words in the instructions. */
function asked(output: OutputFormat, model = 'gemini-3.8-flash', tools = turnOf().tools) {
  const { body } = sent(turnOf({ output, tools }), gemini(model));
  return {
    type: at(body, 'generationConfig', 'responseMimeType'),
    schema: at(body, 'generationConfig', 'responseJsonSchema'),
    words: String(at(body, 'systemInstruction', 'parts', 1, 'text') ?? ''),
    body,
  };
}

describe('an answer in JSON', () => {
  test('is asked for by its schema, together with tools where the model can', () => {
    const { type, schema, words } = asked(format());
    assert.deepEqual([type, schema, words], ['application/json', answer, '']);
    const { schema: alone } = asked(format(), 'gemini-2.5-flash', []);
    assert.deepEqual(alone, answer);
  });

  test('is asked for in words where the model cannot combine it with tools', () => {
    const { type, schema, words } = asked(format(), 'gemini-2.5-flash');
    assert.deepEqual([type, schema], [undefined, undefined]);
    assert.match(words, /final answer/);
    assert.ok(words.endsWith(JSON.stringify(answer)));
    assert.match(asked({ type: 'json_object' }, 'gemini-2.5-flash').words, /one JSON object/);
  });

  test('is asked for in words of Gemma, which has no system instructions either', () => {
    const { body } = asked(format(), 'gemma-3-27b-it', []);
    assert.match(String(at(body, 'contents', 0, 'parts', 1, 'text')), /Your answer must be/);
  });

  test('of any form is asked for by its type', () => {
    const { type, schema, words } = asked({ type: 'json_object' });
    assert.deepEqual([type, schema, words], ['application/json', undefined, '']);
    assert.equal(asked({ type: 'text' }).type, undefined);
  });

  test('has its schema in the subset that the API knows', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      ...object({
        kind: { const: 'a', title: 'Kind', default: 'a' },
        node: { $ref: '#/definitions/node', description: 'A node' },
        when: { type: 'string', format: 'date-time' },
        size: { enum: ['s', null] },
      }),
      definitions: { node: object({ n: { type: 'integer', minimum: 0 } }) },
    };
    const { schema: constrained, words } = asked(format(schema));
    assert.deepEqual(
      constrained,
      object(
        {
          kind: { type: 'string', enum: ['a'], title: 'Kind' },
          node: { $ref: '#/$defs/node' },
          when: { type: 'string', format: 'date-time' },
          size: { anyOf: [{ type: 'string', enum: ['s'] }, { type: 'null' }] },
        },
        { $defs: { node: object({ n: { type: 'integer', minimum: 0 } }) } },
      ),
    );
    assert.equal(words, '');
  });

  for (const [what, part] of Object.entries<JsonObject>({
    pattern: { type: 'string', pattern: '^a' },
    allOf: { allOf: [{ type: 'string' }] },
    'an unknown format': { type: 'string', format: 'uuid' },
    'values that cannot be listed': { enum: [true, null] },
  })) {
    test(`is also told its whole schema where the subset lacks ${what}`, () => {
      const schema = object({ part });
      const { type, words } = asked(format(schema));
      assert.equal(type, 'application/json');
      assert.ok(words.endsWith(JSON.stringify(schema)));
    });
  }

  test('of a recursive schema is asked for in words', () => {
    const node = object({ children: { type: 'array', items: { $ref: '#/$defs/node' } } });
    const tree = { ...object({ root: { $ref: '#/$defs/node' } }), $defs: { node } };
    const { type, words } = asked(format(tree));
    assert.equal(type, undefined);
    assert.ok(words.endsWith(JSON.stringify(tree)));
    const twice = {
      ...object({ a: { $ref: '#/$defs/x' }, b: { $ref: '#/$defs/x' } }),
      $defs: { x: answer },
    };
    assert.equal(asked(format(twice)).type, 'application/json');
    assert.equal(asked(format({ ...tree, properties: { self: { $ref: '#' } } })).type, undefined);
  });
});

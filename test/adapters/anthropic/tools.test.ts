import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject, OutputFormat } from '../../../src/turn/turn.ts';
import { at, textAt } from '../../support/json.ts';
import { assistant, call, result, shell, turnOf, user } from '../turns.ts';
import { sent, sentSchema, uncached } from './turns.ts';

const string = { type: 'string' };

describe('a tool', () => {
  test('is declared as the API wants it', () => {
    const tools = [shell, { ...shell, name: 'bare', description: '' }];
    assert.deepEqual(sent(turnOf({ tools }), uncached()).body['tools'], [
      { name: 'exec_command', description: 'Runs a command', input_schema: shell.parameters },
      { name: 'bare', input_schema: shell.parameters },
    ]);
  });

  test('without a union at the root takes what any branch takes', () => {
    const schema = sentSchema({
      type: 'object',
      properties: { id: string },
      required: ['id'],
      additionalProperties: false,
      anyOf: [
        { properties: { by: { const: 'name' }, name: string }, required: ['by', 'name'] },
        { properties: { by: { const: 'path' }, path: string }, required: ['by', 'path'] },
      ],
    });
    assert.deepEqual(at(schema, 'properties'), {
      id: string,
      by: { anyOf: [{ const: 'name' }, { const: 'path' }] },
      name: string,
      path: string,
    });
    assert.deepEqual(at(schema, 'required'), ['id', 'by']);
    assert.equal(at(schema, 'anyOf'), undefined);
  });

  test('whose root refers elsewhere has an object there', () => {
    const schema = sentSchema({
      type: 'object',
      $ref: '#/$defs/Query',
      $defs: { Query: { type: 'object', properties: { q: string }, required: ['q'] } },
    });
    assert.deepEqual(at(schema, 'properties'), { q: string });
    assert.deepEqual(at(schema, 'required'), ['q']);
  });

  test('whose schema is of an older draft gets one of today', () => {
    const schema = sentSchema({
      $schema: 'http://json-schema.org/draft-04/schema#',
      id: 'https://example.com/tool',
      type: 'object',
      properties: {
        pair: { type: 'array', items: [string, { type: 'any' }], additionalItems: false },
        above: { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 9 },
        needed: { ...string, required: true },
        choice: { enum: [], type: ['string', 'file'] },
        id: { ...string, minLength: '3', description: 7 },
        items: string,
        lost: { $ref: '#/definitions/Nowhere' },
        far: { $ref: 'https://example.com/far.json' },
        kind: { $ref: '#/definitions/Kind' },
        none: null,
      },
      required: ['pair', 'pair', 3],
      definitions: { Kind: { enum: ['a'] } },
      dependencies: { pair: ['above'] },
    });
    assert.deepEqual(schema, {
      type: 'object',
      properties: {
        pair: { type: 'array', prefixItems: [string, {}], items: false },
        above: { type: 'number', exclusiveMinimum: 1, maximum: 9 },
        needed: string,
        choice: { type: ['string'] },
        id: string,
        items: string,
        lost: {},
        far: {},
        kind: { $ref: '#/definitions/Kind' },
        none: {},
      },
      required: ['pair'],
      definitions: { Kind: { enum: ['a'] } },
    });
  });

  test('keeps what is in order as it is', () => {
    const parameters = {
      type: 'object',
      properties: {
        a: { type: ['string', 'null'], default: null, minLength: 1, pattern: '^a' },
        b: { oneOf: [{ $ref: '#/$defs/B' }, { type: 'array', items: true, uniqueItems: true }] },
        c: { type: 'object', additionalProperties: string },
      },
      required: ['a'],
      additionalProperties: false,
      $defs: { B: { type: 'object', properties: { 'odd name[]': string } } },
    };
    assert.deepEqual(sentSchema(parameters), parameters);
  });

  test('that refers to itself ends', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } };
    assert.deepEqual(
      at(sentSchema({ ...node, $defs: { Node: node } }), 'properties'),
      node.properties,
    );
    const ring = { allOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/A' }] };
    assert.equal(at(sentSchema({ type: 'object', ...ring, $defs: { A: ring } }), 'type'), 'object');
  });

  test('nested deeper than any reader goes ends', () => {
    let deep: object = string;
    for (let depth = 0; depth < 2000; depth++) deep = { type: 'object', properties: { a: deep } };
    assert.equal(at(sentSchema(JSON.parse(JSON.stringify(deep))), 'type'), 'object');
  });
});

describe('a tool with property names that are refused', () => {
  const query = {
    ...shell,
    name: 'query',
    parameters: {
      type: 'object',
      properties: { $top: { type: 'integer' }, 'filter[id]': { $ref: '#/$defs/Id' } },
      required: ['$top'],
      $defs: { Id: string },
    },
  };

  test('has them one level deeper', () => {
    const { $defs, ...inner } = query.parameters;
    assert.deepEqual(
      at(sent(turnOf({ tools: [query] }), uncached()).body, 'tools', 0, 'input_schema'),
      {
        type: 'object',
        properties: { ocx_arguments: inner },
        required: ['ocx_arguments'],
        $defs,
      },
    );
  });

  test('has its earlier calls in the same form, and those of other tools in theirs', () => {
    const messages = [
      user('Q'),
      assistant(call('a', '{"$top":5}', 'query'), call('b')),
      { ...result('a', 'x'), name: 'query' },
      result('b', 'y'),
    ];
    const { text } = sent(turnOf({ tools: [query, shell], messages }), uncached());
    assert.ok(text.includes('"name":"query","input":{"ocx_arguments":{"$top":5}}'));
    assert.ok(text.includes('"name":"exec_command","input":{"cmd":"ls"}'));
  });
});

describe('arguments of the history', () => {
  const input = (args: string) => {
    const messages = [user('Q'), assistant(call('a', args)), result('a', 'x')];
    const { body } = sent(turnOf({ messages }), uncached());
    return at(body, 'messages', 1, 'content', 0, 'input');
  };

  test('that are no object become one', () => {
    assert.deepEqual(input('{"a":1}'), { a: 1 });
    assert.deepEqual(input('"{\\"a\\":1}"'), { a: 1 });
    for (const odd of ['', 'null', '[1]', '{"a":', '7']) assert.deepEqual(input(odd), {});
  });
});

describe('structured output', () => {
  const schema = {
    type: 'object',
    properties: { answer: { ...string, minLength: 1, description: 'In one word' }, note: string },
    required: ['answer'],
    additionalProperties: false,
  };
  const asked = (form: JsonObject, model = 'claude-opus-5') => {
    const output: OutputFormat = { type: 'json_schema', name: 'x', strict: true, schema: form };
    const { body } = sent(turnOf({ output }), uncached(model));
    return { format: at(body, 'output_config', 'format'), system: body['system'] };
  };

  test('is asked for by the field, in the subset that the API compiles', () => {
    const { format, system } = asked(schema);
    assert.deepEqual(at(format, 'schema'), {
      type: 'object',
      properties: {
        answer: { type: 'string', description: 'In one word\n{"minLength":1}' },
        note: string,
      },
      required: ['answer'],
      additionalProperties: false,
    });
    assert.equal(at(format, 'type'), 'json_schema');
    assert.deepEqual(system, [{ type: 'text', text: 'Be brief.' }]);
  });

  test('keeps unions, lists, references and formats', () => {
    const { format } = asked({
      type: 'array',
      items: { oneOf: [{ $ref: '#/$defs/A' }, { type: 'null' }] },
      $defs: { A: { type: 'string', format: 'date' } },
      minItems: 2,
    });
    assert.deepEqual(at(format, 'schema'), {
      type: 'array',
      items: { anyOf: [{ $ref: '#/$defs/A' }, { type: 'null' }] },
      $defs: { A: { type: 'string', format: 'date' } },
      description: '{"minItems":2}',
    });
  });

  const inexpressible: Readonly<Record<string, JsonObject>> = {
    'an open object': { type: 'object', properties: { a: { type: 'object' } } },
    'a map': { type: 'object', additionalProperties: string },
    'an object that takes patterns': {
      type: 'object',
      properties: {},
      patternProperties: { a: string },
    },
    recursion: {
      type: 'object',
      properties: { next: { $ref: '#/$defs/N' } },
      required: ['next'],
      $defs: { N: { type: 'array', items: { $ref: '#/$defs/N' } } },
    },
    'a reference to elsewhere': { $ref: 'https://example.com/x.json' },
    'a true schema': { type: 'array', items: true },
    'many optional properties': {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 13 }, (_, n) => [`p${n}`, string])),
    },
  };
  for (const [what, form] of Object.entries(inexpressible)) {
    test(`with ${what} becomes an instruction`, () => {
      const { format, system } = asked(form);
      assert.equal(format, undefined);
      assert.ok(textAt(system, 1, 'text').endsWith(JSON.stringify(form)));
    });
  }

  test('becomes an instruction where the model has no field for it, always the same', () => {
    const { format, system } = asked(schema, 'claude-sonnet-4-20250514');
    assert.equal(format, undefined);
    assert.match(textAt(system, 1, 'text'), /^Answer with one JSON value that is valid against/);
    assert.deepEqual(asked(schema, 'MiniMax-M3'), asked(schema, 'MiniMax-M3'));
  });

  test('of any object is an instruction', () => {
    const { body } = sent(turnOf({ output: { type: 'json_object' } }), uncached());
    assert.match(textAt(body['system'], 1, 'text'), /JSON object/);
  });
});

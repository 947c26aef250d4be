import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { toolSchema } from '../../../src/adapters/schema/toolSchema.ts';
import type { JsonObject } from '../../../src/turn/turn.ts';
import { isRecord, listOf } from '../../support/json.ts';

const ajv = new Ajv2020({ strict: false });
/** Knows arrays as `items`. */
const olderAjv = new Ajv({ strict: false });

const note: JsonObject = {
  type: 'object',
  properties: { kind: { const: 'note' }, text: { type: 'string' } },
  required: ['kind', 'text'],
};
const link: JsonObject = {
  type: 'object',
  properties: { kind: { const: 'link' }, url: { type: 'string' }, text: { type: 'string' } },
  required: ['kind', 'url'],
};

test('the full dialect changes nothing', () => {
  const schema = { anyOf: [note, link], $schema: 'x' };
  assert.equal(toolSchema(schema, 'full'), schema);
});

test('a plain root stays the very same object', () => {
  assert.equal(toolSchema(note, 'objectRoot'), note);
});

test('a union at the root becomes one object; what all branches need stays needed', () => {
  assert.deepEqual(toolSchema({ type: 'object', anyOf: [note, link] }, 'objectRoot'), {
    type: 'object',
    properties: {
      kind: { anyOf: [{ const: 'note' }, { const: 'link' }] },
      text: { type: 'string' },
      url: { type: 'string' },
    },
    required: ['kind'],
  });
});

test('allOf at the root needs what any part needs, and references are followed', () => {
  const schema: JsonObject = {
    allOf: [
      { $ref: '#/$defs/note' },
      { properties: { loud: { type: 'boolean' } }, required: ['loud'] },
    ],
    properties: { id: { type: 'integer' } },
    required: ['id'],
    $defs: { note },
  };
  assert.deepEqual(toolSchema(schema, 'objectRoot'), {
    type: 'object',
    $defs: { note },
    properties: {
      id: { type: 'integer' },
      ...Object(note['properties']),
      loud: { type: 'boolean' },
    },
    required: ['id', 'kind', 'text', 'loud'],
  });
});

test('a root that is a reference, an enumeration or nothing is an object all the same', () => {
  assert.deepEqual(toolSchema({ $ref: '#/$defs/note', $defs: { note } }, 'objectRoot'), {
    ...note,
    $defs: { note },
  });
  assert.deepEqual(toolSchema({ enum: [1, 2] }, 'objectRoot'), { type: 'object', properties: {} });
  assert.deepEqual(toolSchema({}, 'objectRoot'), { type: 'object', properties: {} });
});

test('references in a ring at the root end', () => {
  const ring: JsonObject = {
    $ref: '#/$defs/a',
    $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ $ref: '#/$defs/a' }], $ref: '#/$defs/a' } },
  };
  assert.equal(toolSchema(ring, 'objectRoot')['type'], 'object');
  assert.equal(toolSchema(ring, 'moonshot')['type'], 'object');
});

/** What Moonshot's validator says of a schema, after its published error texts. */
function moonshotFaults(schema: unknown, path = 'root'): readonly string[] {
  if (!isRecord(schema)) return [];
  const faults: string[] = [];
  if (path === 'root' && schema['type'] !== 'object') faults.push('root: type must be object');
  if ('$ref' in schema && Object.keys(schema).length > 1) faults.push(`${path}: $ref has siblings`);
  const union = 'anyOf' in schema || 'oneOf' in schema;
  if (union && 'type' in schema)
    faults.push(`${path}: when using anyOf, type should be in its items`);
  if (
    !union &&
    !('type' in schema) &&
    !('allOf' in schema) &&
    !('$ref' in schema) &&
    !('not' in schema)
  ) {
    faults.push(`${path}: type is not defined`);
  }
  if (Array.isArray(schema['items'])) faults.push(`${path}: items must be an object`);
  if ('$schema' in schema) faults.push(`${path}: $schema`);
  const named = ['properties', '$defs', 'definitions', 'patternProperties'];
  const below = [
    ...named.flatMap((key) => (isRecord(schema[key]) ? Object.entries(schema[key]) : [])),
    ...['anyOf', 'oneOf', 'allOf', 'prefixItems'].flatMap((key) =>
      listOf(schema[key]).map((item, at) => [`${key}.${at}`, item] as const),
    ),
    ...['items', 'additionalProperties', 'not'].map((key) => [key, schema[key]] as const),
  ];
  return [...faults, ...below.flatMap(([key, item]) => moonshotFaults(item, `${path}.${key}`))];
}

const awkward: Readonly<Record<string, JsonObject>> = {
  'a type beside anyOf': {
    type: 'object',
    properties: {
      skill: {
        type: ['string', 'array', 'boolean'],
        anyOf: [
          { type: 'array', items: { type: 'string' } },
          { type: 'boolean' },
          { minLength: 1 },
        ],
      },
    },
  },
  'anyOf that only demands properties': {
    type: 'object',
    properties: {
      task: {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        anyOf: [{ required: ['a'] }, { required: ['b'] }],
      },
    },
  },
  tuples: {
    type: 'object',
    properties: { at: { type: 'array', items: [{ type: 'number' }, {}] } },
  },
  'references with siblings, and in chains': {
    type: 'object',
    properties: {
      one: { $ref: '#/$defs/one', description: 'The first.' },
      two: { type: 'array', items: { $ref: '#/$defs/two' } },
    },
    $defs: { one: { type: 'string' }, two: { anyOf: [{ $ref: '#/$defs/one' }, { type: 'null' }] } },
  },
  'a reference to nothing': {
    type: 'object',
    properties: { lost: { $ref: '#/$defs/lost', description: 'x' } },
  },
  'a reference to itself': {
    type: 'object',
    properties: { tree: { $ref: '#/$defs/tree', description: 'The root.' } },
    $defs: {
      tree: {
        type: 'object',
        properties: {
          children: { type: 'array', items: { $ref: '#/$defs/tree', description: 'x' } },
        },
      },
    },
  },
  'properties without a type': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      any: {},
      mode: { enum: ['START', 'END'] },
      mixed: { enum: ['auto', 3, null] },
      fixed: { const: 3 },
      wrong: { type: 'string', enum: [3] },
      options: { properties: { deep: { description: 'x' } } },
      list: { items: {} },
      union: { anyOf: [{ properties: { icon: {} } }, { type: 'null' }] },
      map: { type: 'object', additionalProperties: {} },
    },
    additionalProperties: false,
  },
  'a union at the root': { type: 'object', anyOf: [note, link] },
};

for (const [what, schema] of Object.entries(awkward)) {
  test(`the moonshot dialect rewrites ${what}`, () => {
    const rewritten = toolSchema(schema, 'moonshot');
    assert.ok(moonshotFaults(schema).length > 0);
    assert.deepEqual(moonshotFaults(rewritten), []);
    assert.equal(ajv.validateSchema(rewritten), true, ajv.errorsText());
    ajv.compile(rewritten);
  });
}

test('a rewritten schema takes what the first one took', () => {
  const values: readonly [keyof typeof awkward, unknown][] = [
    ['a type beside anyOf', { skill: true }],
    ['a type beside anyOf', { skill: ['a'] }],
    ['anyOf that only demands properties', { task: { a: 'x' } }],
    ['tuples', { at: [1] }],
    ['references with siblings, and in chains', { one: 'x', two: ['y', null] }],
    ['a reference to itself', { tree: { children: [{ children: [] }] } }],
    [
      'properties without a type',
      { mode: 'END', mixed: null, fixed: 3, options: {}, map: { a: 1 } },
    ],
    ['a union at the root', { kind: 'link', url: 'x' }],
  ];
  for (const [what, value] of values) {
    const schema = awkward[what];
    assert.ok(schema !== undefined);
    const reader = what === 'tuples' ? olderAjv : ajv;
    assert.equal(reader.validate(schema, value), true, what);
    assert.equal(ajv.validate(toolSchema(schema, 'moonshot'), value), true, what);
  }
});

test('references that multiply are not replaced without end', () => {
  const defs: { [name: string]: JsonObject } = { d0: { type: 'string' } };
  for (let level = 1; level < 40; level++) {
    const $ref = `#/$defs/d${level - 1}`;
    defs[`d${level}`] = { type: 'object', properties: { a: { $ref }, b: { $ref } } };
  }
  const schema: JsonObject = {
    type: 'object',
    properties: { x: { $ref: '#/$defs/d39' } },
    $defs: defs,
  };
  const rewritten = toolSchema(schema, 'moonshot');
  assert.deepEqual(moonshotFaults(rewritten), []);
  assert.ok(JSON.stringify(rewritten).length < 1_000_000);
  ajv.compile(rewritten);
});

for (const form of ['objectRoot', 'moonshot'] as const) {
  test(`a union that names itself costs no more than its length (${form})`, () => {
    const branches = Array.from({ length: 6 }, (_, index) => ({
      $ref: '#/$defs/node',
      description: `branch ${index}`,
    }));
    const schema = {
      $ref: '#/$defs/node',
      $defs: { node: { properties: { leaf: { type: 'string' } }, anyOf: branches } },
    };
    const flat = toolSchema(schema, form);
    assert.equal(flat['type'], 'object');
    assert.deepEqual(Object.keys(Object(flat['properties'])), ['leaf']);
  });
}

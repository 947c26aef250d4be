import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { patchJson } from '../../src/config/patch.ts';

describe('patchJson', () => {
  const cases: readonly [what: string, text: string, to: object, expected: string][] = [
    ['adds to an empty object', '{}\n', { a: 1 }, '{\n  "a": 1\n}\n'],
    [
      'adds on a line of its own in the text’s own indentation',
      '{\n    "a": [1,2],\n    "b": {}\n}',
      { a: [1, 2], b: { c: { d: [1] } } },
      '{\n    "a": [1,2],\n    "b": {\n        "c": {\n            "d": [\n                1\n            ]\n        }\n    }\n}',
    ],
    ['adds on the same line', '{ "a": 1 }', { a: 1, b: 2 }, '{ "a": 1, "b": 2 }'],
    [
      'keeps CRLF',
      '{\r\n\t"a": 1\r\n}\r\n',
      { a: 1, b: [2] },
      '{\r\n\t"a": 1,\r\n\t"b": [\r\n\t\t2\r\n\t]\r\n}\r\n',
    ],
    ['replaces a value', '{"a" :  1 , "b":2}', { a: 'x', b: 2 }, '{"a" :  "x" , "b":2}'],
    ['removes the first', '{\n  "a": 1,\n  "b": 2\n}', { b: 2 }, '{\n  "b": 2\n}'],
    ['removes the last', '{\n  "a": 1,\n  "b": 2\n}', { a: 1 }, '{\n  "a": 1\n}'],
    ['removes the middle', '{"a":1, "b":2, "c":3}', { a: 1, c: 3 }, '{"a":1, "c":3}'],
    ['removes the only one', '{"p": {"a":1}}', { p: {} }, '{"p": {}}'],
    [
      'makes several changes at several depths',
      '{\n  "p": { "x": { "k": 1 } },\n  "z": 0\n}',
      { p: { x: { k: 2 }, y: {} }, n: null },
      '{\n  "p": { "x": { "k": 2 }, "y": {} },\n  "n": null\n}',
    ],
  ];
  for (const [what, text, to, expected] of cases) {
    it(what, () => {
      const patched = patchJson(text, JSON.parse(text), JSON.parse(JSON.stringify(to)));
      assert.equal(patched, expected);
      assert.deepEqual(JSON.parse(patched), to);
    });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatedJson } from '../../src/adapters/repeatedJson.ts';
import { parseJson } from '../../src/turn/json.ts';
import type { Json } from '../../src/turn/turn.ts';
import { random as randomFrom } from '../support/cuts.ts';

const place = { path: ['choices', 0, 'delta'], fields: ['content', 'reasoning'] };

/** Every event has to be read as if it came alone; gives how often a value was used again. */
function readAll(events: readonly string[]): number {
  const json = new RepeatedJson(place);
  let before: Json | undefined;
  let again = 0;
  for (const text of events) {
    const value = json.parse(text);
    assert.deepEqual(value, parseJson(text), text);
    if (typeof value === 'object' && value !== null && value === before) again += 1;
    before = value;
  }
  return again;
}

function chunk(content: string): string {
  return JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content }, logprobs: null }] });
}

test('the value of an event that differs in its text only is used again', () => {
  const texts = ['a', 'b', 'c', 'one word ', 'ü – 漢 🙂', '', ' '];
  assert.equal(readAll(texts.map(chunk)), texts.length - 2);
});

test('a text that needs an escape is parsed, and those after it are known all the same', () => {
  assert.equal(readAll(['a', 'b', '"', 'c', '\\', '\n', '\u0001', 'd', 'e'].map(chunk)), 1);
});

test('what is no JSON stays none', () => {
  const whole = chunk('a');
  const raw = whole.replace('"a"', '"a\nb"');
  const half = chunk('').replace('""', '"');
  readAll([
    whole,
    chunk('b'),
    raw,
    half,
    whole.slice(0, -1),
    `${whole}}`,
    '[DONE]',
    '',
    chunk('c'),
  ]);
});

test('a text is told from what only looks like it', () => {
  const delta = (fields: string) => `{"choices":[{"delta":{${fields}}}]}`;
  for (const shape of [
    (text: string) => delta(`"content":"${text}","role":"${text}"`),
    (text: string) => delta(`"content":"${text}","role":"x"`),
    (text: string) => delta(`"content":"x","content":"${text}"`),
    (text: string) => delta(`"content":"${text}","content":"x"`),
    (text: string) => delta(`"content":"x","${text}":"y"`),
    (text: string) => delta(`"content":"x","reasoning":"${text}"`),
    (text: string) => delta(`"content":"\\u0061${text}"`),
    (text: string) => delta(`"content":"${text}","note":"\\"${text}\\""`),
    (text: string) => delta(`"content":["${text}"]`),
    (text: string) => delta(`"__proto__":{"content":"x"},"content":"${text}"`),
    (text: string) => `{"choices":[{"delta":{}},{"delta":{"content":"${text}"}}]}`,
    (text: string) => `{"choices":{"0":{"delta":{"content":"${text}"}}}}`,
    (text: string) => `[{"choices":[{"delta":{"content":"${text}"}}]}]`,
    (text: string) => `"${text}"`,
  ]) {
    readAll(['x', 'y', 'x', 'content', 'y', 'a', 'z', 'x'].map(shape));
  }
});

test('whatever comes, in whatever order, is read as if it came alone', () => {
  const texts = ['a', 'bc', ' ', '"', '\\', '}', '{"', ',"x":', 'ü🙂', '\n', '', 'x'.repeat(30)];
  let again = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = randomFrom(seed);
    const oneOf = (all: readonly string[]): string => all[Math.floor(random() * all.length)] ?? '';
    const [spaces, fields] = [
      ['', '', ' '],
      ['content', 'content', 'reasoning', 'other'],
    ];
    let [space, field, more] = ['', 'content', ''];
    const event = (): string => {
      if (random() < 0.1) {
        space = oneOf(spaces);
        field = oneOf(fields);
        more = oneOf(['', ',"role":"a"', ',"content":"bc"', `,"n":${random()}`]);
      }
      const text = oneOf(texts);
      const quoted = random() < 0.05 ? `"${text}"` : JSON.stringify(text);
      const whole = `{"id":${space}"a","choices":[{"delta":{"${field}":${quoted}${more}}}]}`;
      return random() < 0.02 ? whole.slice(0, Math.floor(random() * whole.length)) : whole;
    };
    again += readAll(Array.from({ length: 100 }, event));
  }
  assert.ok(again > 500, `only ${again} values were used again`);
});

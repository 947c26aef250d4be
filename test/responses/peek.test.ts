import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { peekRequest, replaceModel } from '../../src/responses/peek.ts';
import { Random } from './random.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const peeked = (text: string) => {
  const result = peekRequest(encode(text));
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.peek;
};
const refused = (text: string) => {
  const result = peekRequest(encode(text));
  assert.ok(!result.ok, `accepted: ${text.slice(0, 80)}`);
  assert.equal(result.error.kind, 'bad_request');
  return result.error.message;
};

function jsonValue(random: Random, depth: number): unknown {
  const many = <T>(make: () => T): T[] => Array.from({ length: random.below(4) }, make);
  switch (random.below(depth > 3 ? 4 : 6)) {
    case 0:
      return random.text(random.chance(10) ? 60 : 6);
    case 1:
      return random.below(1000) / 8;
    case 2:
      return random.pick([true, false, null]);
    case 3:
      return { model: 'inner', stream: 'inner' };
    case 4:
      return many(() => jsonValue(random, depth + 1));
    default:
      return Object.fromEntries(many(() => [random.text(3), jsonValue(random, depth + 1)]));
  }
}

describe('peekRequest', () => {
  it('finds model and stream wherever they stand', () => {
    const text =
      ' { "input" : [ {"model":"no","stream":false} , "\\"model\\":\\"no\\"" ], "stream": true, "x":{"model":["no"]},"model" : "a/b" } ';
    const { model, stream, modelStart, modelEnd } = peeked(text);
    assert.deepEqual([model, stream], ['a/b', true]);
    assert.equal(text.slice(modelStart, modelEnd), '"a/b"');
  });

  it('reads escapes in keys and values', () => {
    const { model, stream } = peeked(
      '{"\\u006dodel":"caf\\u00e9 \\"x\\" 😀","str\\u0065am":true,"m\\\\odel":1}',
    );
    assert.deepEqual([model, stream], ['café "x" 😀', true]);
  });

  it('takes no stream, null, and a repeated stream as JSON does', () => {
    assert.equal(peeked('{"model":"m"}').stream, false);
    assert.equal(peeked('{"model":"m","stream":null}').stream, false);
    assert.equal(peeked('{"stream":true,"model":"m","stream":false}').stream, false);
  });

  it('passes over a byte order mark', () => {
    const text = '\ufeff{"model":"m"}';
    assert.equal(peeked(text).model, 'm');
    assert.equal(peeked(text).modelStart, encode(text).indexOf(0x6d) + 'odel":'.length + 1);
  });

  it('refuses a model that is given twice, because the provider might read the other one', () => {
    assert.match(refused('{"model":"a","x":1,"model":"b"}'), /"model" is given more than once/);
    assert.match(refused('{"model":"a","\\u006dodel":"b"}'), /"model" is given more than once/);
  });

  it('says what is wrong', () => {
    assert.match(refused('{"input":[]}'), /"model" must be a name, but is missing/);
    assert.match(refused('{"model":5}'), /"model" must be a name, but is not a string/);
    assert.match(refused('{"model":{"a":1}}'), /"model" must be a name, but is not a string/);
    assert.match(refused('{"model":""}'), /"model" must be a name, but is empty/);
    assert.match(refused('{"model":"m","stream":"yes"}'), /"stream" must be true or false/);
    for (const text of [
      '',
      '   ',
      'null',
      '[]',
      '"x"',
      '{',
      '{"model"',
      '{"model":',
      '{"model":"m"',
      '{"model":"m",}',
      '{"model":"m"}}',
      '{"model":"m"} x',
      '{"model" "m"}',
      "{'model':'m'}",
      '{"model":"m","x":[1,2}',
      '{"model":"m","x":{"a":]}',
      '{"model":"m" "x":1}',
      '{"model":"m","x":"unterminated}',
      `{"model":"m","x":"${'a'.repeat(200)}\\"`,
      '{"model":tru}',
      '{"model":"\\q"}',
      '{model:"m"}',
      '{"a":}',
    ])
      assert.match(refused(text), /^Invalid request: the body is not a valid JSON object/, text);
  });

  it('refuses a body that would exhaust a reader’s stack', () => {
    assert.match(
      refused(`{"model":"m","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      /nested more than 512 levels deep/,
    );
  });

  it('agrees with JSON.parse on generated bodies, spaced in any way', () => {
    const random = new Random(11);
    for (let round = 0; round < 500; round += 1) {
      const members: [string, unknown][] = Array.from({ length: random.below(5) }, (_, n) => [
        `${random.text(3)}${n}`,
        jsonValue(random, 0),
      ]);
      const model = `p/${random.text(4)}`;
      members.splice(random.below(members.length + 1), 0, ['model', model]);
      members.splice(random.below(members.length + 1), 0, ['stream', random.chance(50)]);
      const object = Object.fromEntries(members);
      const text = JSON.stringify(object, null, random.pick([0, 1, '\t']));
      const peek = peeked(text);
      assert.deepEqual([peek.model, peek.stream], [object['model'], object['stream']]);
      const replaced: unknown = JSON.parse(
        new TextDecoder().decode(replaceModel(encode(text), peek, 'other/"m"')),
      );
      assert.deepEqual(replaced, { ...object, model: 'other/"m"' });
    }
  });
});

describe('replaceModel', () => {
  it('changes nothing but the name', () => {
    const text = '{ "a":1.0e5,  "model":"x/y" ,"b":"\\u00e9"}';
    assert.equal(
      new TextDecoder().decode(replaceModel(encode(text), peeked(text), 'y')),
      text.replace('x/y', 'y'),
    );
  });
});

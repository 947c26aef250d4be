import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { Target } from '../../src/adapters/target.ts';
import { translate } from '../../src/adapters/translate.ts';
import { peekRequest } from '../../src/responses/peek.ts';
import { Random } from '../responses/random.ts';
import { isRecord } from '../support/json.ts';
import { chatTarget, claude, gemini, responsesTarget } from './target.ts';

// Long outputs of tools are copied as bytes (src/responses/longTexts.ts). Whatever the body is like,
// the provider must get what it gets when everything is parsed and written.

const targets: readonly Target[] = [
  chatTarget(),
  chatTarget({ systemPlace: 'leading', toolCallIds: 'alnum9', toolResultName: true }),
  claude(),
  gemini(),
  responsesTarget(),
  responsesTarget({ resultsBesideCalls: true }),
  { ...chatTarget(), wire: 'editor-models' },
];

/** How many texts were copied. */
function copied(body: Uint8Array): number {
  const peeked = peekRequest(body);
  return peeked.ok ? (peeked.peek.texts?.length ?? 0) / 2 : 0;
}

function assertSame(body: Uint8Array, what: string): void {
  const peeked = peekRequest(body);
  if (!peeked.ok) return;
  for (const target of targets) {
    const slow = translate(body, 'acme/m', target);
    const fast = translate(body, 'acme/m', target, peeked.peek.texts);
    if (slow.ok && fast.ok) {
      const [expected, actual] = [slow, fast].map(({ request }) => Buffer.from(request.body));
      assert.ok(actual !== undefined && expected?.equals(actual), `${what}, ${target.wire}`);
      assert.deepEqual({ ...fast, request: slow.request }, slow, `${what}, ${target.wire}`);
    } else {
      assert.deepEqual(fast, slow, `${what}, ${target.wire}`);
    }
  }
}

const raw = (text: string): Uint8Array => new TextEncoder().encode(text);
const line = 'src/build/step.ts:42\tconst "x" = \\d+; \u001b[31m// → é😀\u2028\u007f\n';
const long = line.repeat(400);

/** A request whose one output is this JSON text. */
function withOutput(output: string, before = '', behind = ''): Uint8Array {
  return raw(
    `{"model":"acme/m","stream":true,"input":[{"role":"user","content":"q"},{"type":"function_call","call_id":"a","name":"run","arguments":"{}"},{"type":"function_call_output","call_id":"a",${before}"output":${output}${behind}},{"role":"user","content":"go on"}],"tools":[{"type":"function","name":"run","parameters":{}}]}`,
  );
}

test('a long output is copied, in the form of a text and of parts', () => {
  const text = JSON.stringify(long);
  for (const output of [text, `[{"type":"input_text","text":${text}}]`]) {
    assert.equal(copied(withOutput(output)), 1);
    assertSame(withOutput(output), output.slice(0, 40));
  }
});

test('what is written otherwise than JSON.stringify would is not copied', () => {
  const plain = JSON.stringify(long);
  const spelled = {
    'an escaped slash': plain.replace('/', '\\/'),
    'an escaped letter': plain.replace('s', '\\u0073'),
    'upper case': plain.replaceAll('\\u001b', '\\u001B'),
    'a long line feed': plain.replace('\\n', '\\u000a'),
    'half a character': plain.replace('😀', '\\ud83d'),
    'a character in halves': plain.replace('😀', '\\ud83d\\ude00'),
    'an unknown escape': plain.replace('\\n', '\\x'),
    'a control character': plain.replace('\\n', '\n'),
    'half an escape': `${plain.slice(0, -1)}\\u00"`,
    'white space alone': JSON.stringify(' \n\u00a0'.repeat(5_000)),
  };
  for (const [what, output] of Object.entries(spelled)) {
    assert.equal(copied(withOutput(output)), 0, what);
    assertSame(withOutput(output), what);
  }
  const broken = Buffer.from(withOutput(plain));
  broken[broken.indexOf(raw('😀')[0] ?? 0) + 1] = 0x20;
  assert.equal(copied(broken), 0);
  assertSame(broken, 'broken UTF-8');
});

test('a text of white space alone is not copied, however it is written', () => {
  for (const space of [' ', '\t', '\n', '\u000b', '\f']) {
    const body = withOutput(JSON.stringify(space.repeat(9_000)));
    assert.equal(copied(body), 0, JSON.stringify(space));
    assertSame(body, JSON.stringify(space));
  }
});

test('nothing is copied where a text is more than a text', () => {
  const text = JSON.stringify(long);
  const outputs = {
    'an object': `{"text":${text}}`,
    'an object in an object': `{"a":{"text":${text}}}`,
    'parts in parts': `[[{"text":${text}}]]`,
    'a text among parts': `[${text}]`,
    'another key': `[{"type":"input_image","image_url":${text}}]`,
    'a key': `{${text}:1}`,
  };
  for (const [what, output] of Object.entries(outputs)) {
    assert.equal(copied(withOutput(output)), 0, what);
    assertSame(withOutput(output), what);
  }
  const member = withOutput('5', '', `,${text}:1,"note":${text}`);
  assert.equal(copied(member), 0);
  assertSame(member, 'the key behind an output');
});

test('keys that come twice are taken as JSON takes them', () => {
  const text = JSON.stringify(long);
  for (const [first, last] of [
    [text, '"short"'],
    ['"short"', text],
    [text, text.replace('src', 'dst')],
    [text, '{"a":1}'],
    ['7', text],
  ] as const) {
    assertSame(withOutput(last, `"output":${first},`), `${first.slice(0, 9)}, ${last.slice(0, 9)}`);
  }
  const body = new TextDecoder().decode(withOutput(text));
  const twice = body.replace(/"input":(\[.*\]),"tools"/s, '"input":$1,"input":$1,"tools"');
  assert.equal(copied(raw(twice)), 2);
  assertSame(raw(twice), 'input twice');
  assertSame(raw(`\ufeff${body}`), 'a byte order mark');
  assertSame(raw(body.replaceAll('":', '" : ').replaceAll(',"', ' ,\n "')), 'white space');
});

test('a body with a fault is refused in the same words', () => {
  const text = JSON.stringify(long);
  for (const behind of [',"x":01', ',"x":1e', ',"x":tru', ',"call_id":7', ',"x":"\u0001"']) {
    assertSame(withOutput(text, '', behind), behind);
  }
});

test('the marks cannot be imitated', () => {
  const hidden = `\u0090${'0'.repeat(12)}.0\u009c`;
  const seen: Uint8Array[] = [];
  for (let n = 0; n < 2; n += 1) {
    const body = withOutput(
      JSON.stringify(`${long}${hidden}`),
      `"note":"${hidden}","call_id":${JSON.stringify(hidden)},`,
    );
    assert.equal(copied(body), 1);
    assertSame(body, 'marks of its own');
    const { texts } = knownTexts(body);
    const made = translate(body, 'acme/m', chatTarget(), texts);
    assert.ok(made.ok);
    seen.push(made.request.body);
  }
  assert.deepEqual(seen[0], seen[1]);
});

function knownTexts(body: Uint8Array) {
  const peeked = peekRequest(body);
  assert.ok(peeked.ok);
  return peeked.peek;
}

test('any history with long and short outputs is the same', () => {
  let sum = 0;
  for (let seed = 0; seed < 60; seed += 1) {
    const random = new Random(seed);
    const words = () => random.text().repeat(1 + random.below(400));
    const items = Array.from({ length: 24 }, (_, n): object[] => {
      const call_id = random.pick(['a', 'b', `c${n}`, '']);
      const shown = random.pick<unknown>([
        words(),
        [
          { type: 'input_text', text: words() },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
          { type: 'refusal', refusal: words(), text: words() },
          words(),
        ],
        { text: words() },
        null,
      ]);
      const kind = random.pick(['function_call', 'custom_tool_call', 'local_shell_call']);
      return [
        { type: kind, call_id, name: 'run', arguments: '{"a":1}', input: words(), action: {} },
        { type: `${kind}_output`, call_id, output: shown },
        { type: random.pick(['message', 'mcp_call', 'reasoning']), role: 'user', output: shown },
      ].slice(random.below(2), 1 + random.below(3));
    }).flat();
    const tools = random.chance(80) ? [{ type: 'function', name: 'run', parameters: {} }] : [];
    const input = [{ role: 'user', content: 'q' }, ...items];
    const body = raw(JSON.stringify({ model: 'acme/m', input, tools }));
    sum += copied(body);
    assertSame(body, `seed ${seed}`);
    const at = random.below(body.length);
    const bent = Uint8Array.from(body);
    bent[at] = random.pick([0x22, 0x5c, 0x80, 0xc2, 0x20, 0x2c, 0x7d]);
    assertSame(bent, `seed ${seed}, byte ${at}`);
  }
  assert.ok(sum > 500, `${sum} texts were copied`);
});

const folder = resolve(process.env['OPENCODEX_SHARED'] ?? '../shared', 'reference/codex-captures');
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.json'))
  : [];

test('a long conversation of the real Codex is the same', {
  skip: files.length === 0 && 'the captures are not here',
}, () => {
  let sum = 0;
  for (const name of files) {
    const capture: unknown = JSON.parse(readFileSync(resolve(folder, name), 'utf8'));
    const body = isRecord(capture) ? capture['body'] : undefined;
    if (!isRecord(body) || !Array.isArray(body['input'])) continue;
    // Captures are short: their own outputs, made long.
    const input = body['input'].map((item: unknown) =>
      isRecord(item) && typeof item['output'] === 'string'
        ? { ...item, output: `${item['output']}\n${long}` }
        : item,
    );
    const bytes = raw(JSON.stringify({ ...body, input }));
    sum += copied(bytes);
    assertSame(bytes, name);
  }
  assert.ok(sum > 0);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Target } from '../../src/adapters/target.ts';
import { translate } from '../../src/adapters/translate.ts';
import { sealSummary } from '../../src/responses/reasoning.ts';
import { boundedAdditions, type PromptAddition } from '../../src/turn/additions.ts';
import { wholeCaptures } from '../support/captures.ts';
import { isRecord, type JsonRecord, listOf } from '../support/json.ts';
import { chatTarget, claude, gemini, responsesTarget } from './target.ts';

/** Each wire as it is, and with what makes it need the most words. */
const targets: readonly (readonly [string, Target])[] = [
  ['Chat Completions', chatTarget()],
  [
    'a Chat host that takes little',
    chatTarget(
      {
        responseFormat: 'none',
        assistantAfterTool: true,
        systemPlace: 'leading',
        toolSchema: 'moonshot',
        toolCallIds: 'alnum9',
      },
      { vision: false },
    ),
  ],
  ['Anthropic', claude()],
  ['a Messages host', claude('MiniMax-M3', { signatures: 'optional' }, { vision: false })],
  ['Gemini', gemini()],
  ['an older Gemini', gemini('gemini-2.5-flash', {}, { vision: false })],
  ['Gemma', gemini('gemma-3-27b-it')],
  ['Responses', responsesTarget()],
  ['a Responses host without eyes', responsesTarget({}, { vision: false })],
];

/** Where a wire keeps words that the model reads. What the model itself wrote is not among them. */
const wordKeys = new Set(['text', 'content', 'description', 'output', 'instructions']);

function wordsSent(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(wordsSent);
  if (!isRecord(value) || value['type'] === 'tool_use' || 'functionCall' in value) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    wordKeys.has(key) && typeof inner === 'string' ? [inner] : wordsSent(inner),
  );
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return isRecord(value) ? Object.values(value).flatMap(stringsIn) : [];
}

/** What stands inside of other texts of `everything`. */
const wrapped = ['They counted to three.', 'the notes'];

/** What the client said: its strings, and the calls as they read when they are told. */
function wordsOf(body: JsonRecord): string[] {
  const calls = listOf(body['input'])
    .filter(isRecord)
    .flatMap((item) => {
      if (item['type'] === 'custom_tool_call') return [JSON.stringify({ input: item['input'] })];
      return isRecord(item['arguments']) ? [JSON.stringify(item['arguments'])] : [];
    });
  return [...stringsIn(body), ...calls, ...wrapped];
}

interface Piece {
  readonly text: string;
  /** How often it may still be found; without a limit where it is the client's. */
  left: number;
}

/** The pieces of our words; `…` stands for words of the client. */
function piecesOf(additions: readonly PromptAddition[]): Piece[] {
  return additions.flatMap(({ text, times }) =>
    (text === '…' ? [text] : text.split('…'))
      .filter((piece) => /\w|…/.test(piece))
      .map((piece) => ({ text: piece.trim(), left: times })),
  );
}

/** The rest of a text without the pieces, the longest first. */
function without(text: string, pieces: readonly Piece[]): string {
  let rest = text;
  for (const piece of pieces) {
    while (piece.left > 0) {
      const place = rest.indexOf(piece.text);
      if (place < 0) break;
      rest = `${rest.slice(0, place)}\0${rest.slice(place + piece.text.length)}`;
      piece.left -= 1;
    }
  }
  return rest;
}

/** Fails unless what the provider reads is what the client said and the additions, and nothing else. */
function assertExact(body: JsonRecord, target: Target): readonly PromptAddition[] {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const translation = translate(bytes, `acme/${target.model}`, target);
  assert.ok(translation.ok, translation.ok ? '' : translation.error.message);
  const sent: unknown = JSON.parse(new TextDecoder().decode(translation.request.body));
  const { additions } = translation;

  const ours = piecesOf(additions);
  let said = wordsOf(body);
  for (const { replaces, times } of additions) {
    if (replaces === undefined) continue;
    const parts = said.map((text) => text.split(replaces));
    assert.equal(parts.flat().length - said.length, times, `"${replaces}" is not in the request`);
    said = parts.flat();
  }
  const names = Object.keys(translation.reply.tools);
  const theirs = [...new Set([...said, ...names].map((text) => text.trim()))]
    .filter((text) => text !== '')
    .map((text): Piece => ({ text, left: Number.POSITIVE_INFINITY }));
  const whole = new Set(theirs.map(({ text }) => text));
  const pieces = [...ours, ...theirs].toSorted((a, b) => b.text.length - a.text.length);
  for (const words of wordsSent(sent)) {
    const isOurs = ours.some(({ text, left }) => left > 0 && text === words.trim());
    if (!isOurs && whole.has(words.trim())) continue;
    const rest = without(words, pieces);
    assert.doesNotMatch(rest, /[^\s\0:.\-[\]]/, `not told: ${rest.replaceAll('\0', '')}`);
  }
  for (const piece of ours) assert.equal(piece.left, 0, `told, but not sent: ${piece.text}`);
  return additions;
}

const png = { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' };
const words = (role: string, ...texts: readonly string[]): object => ({
  type: 'message',
  role,
  content: texts.map((text) => ({
    type: role === 'assistant' ? 'output_text' : 'input_text',
    text,
  })),
});
const call = (id: string, name = 'run'): object => ({
  type: 'function_call',
  call_id: id,
  name,
  arguments: '{"a":1}',
});
const result = (id: string, output: unknown): object => ({
  type: 'function_call_output',
  call_id: id,
  output,
});

/** A request in which everything is wrong that we mend with words. */
const everything: JsonRecord = {
  model: 'acme/large',
  stream: true,
  input: [
    words(
      'developer',
      'You are Codex, an agent based on GPT-6. You share a workspace.',
      'You are Codex, a coding agent based on GPT-5.1-codex-max. And more.',
    ),
    words('assistant', 'I begin.'),
    { type: 'compaction', encrypted_content: sealSummary(wrapped[0] ?? '') },
    words('user', 'Now look.'),
    call('a'),
    call('b'),
    words('assistant', 'Between.'),
    result('b', [{ type: 'input_text', text: 'Here:' }, png]),
    result('gone', 'left over'),
    result('', ''),
    call('c'),
    result('c', '  '),
    { type: 'tool_search_call', call_id: 's', execution: 'client', arguments: { query: 'notes' } },
    {
      type: 'tool_search_output',
      call_id: 's',
      tools: [{ type: 'function', name: 'note', description: 'Takes a note', parameters: {} }],
    },
    { type: 'tool_search_call', call_id: 't', execution: 'client', arguments: {} },
    { type: 'tool_search_output', call_id: 't', tools: [] },
    { type: 'image_generation_call', revised_prompt: 'a red bicycle' },
    { type: 'image_generation_call' },
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'And these?' },
        png,
        { type: 'input_image', image_url: 'data:image/svg+xml,<svg/>' },
        { type: 'input_image', file_id: 'file_1' },
        {
          type: 'input_file',
          filename: 'notes.txt',
          file_data: `data:text/plain;base64,${btoa(wrapped[1] ?? '')}`,
        },
        { type: 'input_file', filename: 'sheet.xlsx', file_id: 'file_2' },
        { type: 'input_audio', input_audio: { data: '', format: 'wav' } },
      ],
    },
    {
      type: 'agent_message',
      content: [
        { type: 'input_text', text: 'From the child: ' },
        { type: 'encrypted_content', encrypted_content: `gAAAA${'x'.repeat(80)}` },
      ],
    },
    words('assistant', 'I was cut'),
  ],
  tools: [
    { type: 'function', name: 'run', description: 'Runs', parameters: { type: 'object' } },
    {
      type: 'custom',
      name: 'apply_patch',
      description: 'Patches',
      format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
    },
    { type: 'custom', name: 'exec', description: '', format: { type: 'text' } },
    { type: 'tool_search', execution: 'client', description: 'Finds', parameters: {} },
  ],
};

const form = {
  format: {
    type: 'json_schema',
    name: 'verdict',
    schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
  },
};

for (const [name, target] of targets) {
  describe(`the words that ${name} is sent`, () => {
    const notesOf = (body: object): string =>
      assertExact({ ...everything, ...body }, target)
        .map(({ text }) => `\`${text.replace(/ \{[\s\S]*/, '')}\``.replace(/\n[\s\S]*`$/, '`'))
        .join(' ');

    test('are the client’s and what is told as an addition, in a history to mend', () => {
      const notes = notesOf({});
      assert.match(notes, /`You are Codex, an agent\.`/);
      assert.match(notes, /`aborted`/);
    });

    test('are no more where no tools are offered', () => {
      const input = [words('user', 'Go'), call('a'), result('a', 'done'), words('user', 'Sum up')];
      const said = assertExact({ ...everything, input, tools: [] }, target);
      assert.deepEqual(
        said.map(({ kind, text }) => [kind, text]),
        [
          ['calls_as_text', '[Tool call: run]'],
          ['calls_as_text', '[Tool result: run]'],
        ],
      );
    });

    test('are no more where an answer in a form is asked for', () => {
      for (const text of [form, { format: { type: 'json_object' } }])
        for (const tools of [everything['tools'], []])
          assertExact({ ...everything, input: [words('user', 'Judge')], tools, text }, target);
    });

    test('are no more where a summary is asked for', () => {
      const input = [words('user', 'Go'), { type: 'compaction_trigger' }];
      const said = assertExact({ ...everything, input, tools: [] }, target);
      assert.deepEqual(
        said.map(({ kind }) => kind),
        ['compaction'],
      );
    });

    test('are exactly the client’s where nothing needs mending', () => {
      const input = [words('developer', 'Be brief.'), words('user', 'Hello')];
      const tools = [everything['tools']].flat().slice(0, 1);
      assert.deepEqual(assertExact({ ...everything, input, tools }, target), []);
    });

    test('say nothing of tools that are not offered', () => {
      const allowed = { type: 'allowed_tools', tools: [{ type: 'function', name: 'run' }] };
      const input = [words('user', 'Hello')];
      assert.deepEqual(assertExact({ ...everything, input, tool_choice: allowed }, target), []);
    });

    test('name a GPT model where the provider’s quirks say so', () => {
      const quirks = { ...target.quirks, rewriteIdentity: false };
      const input = [
        words('developer', 'You are Codex, an agent based on GPT-6.'),
        words('user', 'q'),
      ];
      assert.deepEqual(assertExact({ model: 'm', input }, { ...target, quirks }), []);
    });

    test('are told in full for every request of the real Codex', (t) => {
      const captures = wholeCaptures();
      const kinds = new Map<string, number>();
      for (const { name: file, body } of captures) {
        try {
          for (const { kind, times } of assertExact(body, target))
            kinds.set(kind, (kinds.get(kind) ?? 0) + times);
        } catch (error) {
          throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, {
            cause: error,
          });
        }
      }
      t.diagnostic(`captures: ${captures.length} of 239 ${JSON.stringify([...kinds])}`);
      if (captures.length > 0) assert.ok((kinds.get('identity') ?? 0) > 0);
    });
  });
}

test('what is kept of additions is bounded, and says that it was cut', () => {
  const one = { kind: 'history', times: 1 } as const;
  const many = Array.from({ length: 1000 }, (_, n) => ({ ...one, text: `${n}` }));
  assert.equal(boundedAdditions(many).length, 100);
  const long = boundedAdditions([
    { ...one, text: 'x'.repeat(20_000), replaces: 'y' },
    { ...one, text: 'z' },
  ]);
  assert.deepEqual(long, [{ ...one, text: `${'x'.repeat(16_384)}…`, replaces: '…' }]);
  assert.deepEqual(boundedAdditions([{ ...one, text: 'aborted' }]), [{ ...one, text: 'aborted' }]);
});

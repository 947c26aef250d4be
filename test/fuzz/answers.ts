import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { AnswerKind } from '../../src/adapters/adapter.ts';
import { adapterFor } from '../../src/adapters/registry.ts';
import { SseReader } from '../../src/adapters/sse.ts';
import type { Target } from '../../src/adapters/target.ts';
import { ResponseStream } from '../../src/responses/stream.ts';
import type { TurnEvent } from '../../src/turn/event.ts';
import { chatTarget, claude, gemini, responsesTarget } from '../adapters/target.ts';
import type { Random } from '../responses/random.ts';
import { decoded, functionTool } from '../responses/samples.ts';
import { assertValidEvents } from '../support/responsesSchema.ts';
import { decodeAll, outcomeOf } from '../support/turnEvents.ts';
import { bytesOf, cut, damaged, torn } from './damage.ts';
import type { Fuzzer } from './fuzzer.ts';

interface Sample {
  readonly kind: AnswerKind;
  readonly text: string;
}

interface Corpus {
  readonly wire: string;
  readonly target: Target;
  readonly samples: readonly [Sample, ...Sample[]];
}

function samplesIn(folder: string): readonly Sample[] {
  const url = new URL(`../fixtures/${folder}/`, import.meta.url);
  return readdirSync(url)
    .filter((name) => /\.(sse|json)$/.test(name))
    .map((name) => ({
      kind: name.endsWith('.sse') ? 'sse' : 'json',
      text: readFileSync(new URL(name, url), 'utf8'),
    }));
}

const { reply } = decoded({ input: 'q', tools: [functionTool('run')] });

/** What our own writer makes is an answer of the Responses wire. */
function ownAnswer(): Sample {
  const stream = new ResponseStream(reply);
  const text = stream.write([
    { type: 'reasoning.start', kind: 'summary' },
    { type: 'reasoning.delta', text: 'Hm.' },
    { type: 'reasoning.end', carry: { s: 'x' } },
    { type: 'text.start' },
    { type: 'text.delta', text: 'Hello 😀' },
    { type: 'text.end' },
    { type: 'call.start', callId: 'c', name: 'run' },
    { type: 'call.delta', arguments: '{"cmd":"ls"}' },
    { type: 'call.end' },
    { type: 'finish', reason: 'stop' },
  ]);
  return { kind: 'sse', text };
}

function corpus(wire: string, target: Target, samples: readonly Sample[]): Corpus {
  const [first, ...rest] = samples;
  if (first === undefined) throw new Error(`no answers of ${wire}`);
  return { wire, target, samples: [first, ...rest] };
}

const corpora = [
  corpus('openai-chat', chatTarget(), samplesIn('openai-chat')),
  corpus('anthropic', claude(), samplesIn('anthropic')),
  corpus('google', gemini(), samplesIn('google')),
  corpus('openai-responses', responsesTarget(), [ownAnswer()]),
];

/** The sample with some of its events changed inside, left out, doubled or torn. */
function broken({ kind, text }: Sample, random: Random): string {
  const percent = random.pick([0, 2, 6]);
  const inside = (json: string): string => {
    try {
      return JSON.stringify(damaged(JSON.parse(json), random, percent)) ?? 'null';
    } catch {
      return json;
    }
  };
  if (kind === 'json') return torn(inside(text), random, random.pick([0, 2]));
  const lines = text.split('\n').flatMap((line) => {
    if (!line.startsWith('data:')) return [line];
    const one = `data: ${inside(line.slice(5))}`;
    if (random.chance(percent)) return [];
    return random.chance(percent) ? [one, '', one] : [one];
  });
  return torn(lines.join('\n'), random, random.pick([0, 0, 3]));
}

/** Without calls that are given up in the middle: their host began something else before their end. */
function withoutHalfCalls(events: readonly TurnEvent[]): readonly TurnEvent[] {
  const kept: TurnEvent[] = [];
  let open: number | undefined;
  for (const event of events) {
    if (open !== undefined && /\.start$/.test(event.type)) kept.splice(open);
    if (event.type === 'call.start') open = kept.length;
    else if (!event.type.startsWith('call.') || event.type === 'call.end') open = undefined;
    kept.push(event);
  }
  return kept;
}

function decoderFuzzer({ wire, target, samples }: Corpus): Fuzzer {
  return {
    name: `answers over ${wire}`,
    quick: 600,
    run(random) {
      const sample = random.pick([samples[0], ...samples.slice(1)]);
      const bytes = bytesOf(broken(sample, random), random);
      const { kind } = sample;
      const decode = (chunks: Iterable<Uint8Array>) =>
        decodeAll(adapterFor(target.wire).decoder(target, kind), chunks);
      const events = decode([bytes]);
      const whole = outcomeOf(withoutHalfCalls(events));
      assert.ok(whole.finish !== undefined || whole.error !== undefined, 'no end');
      const pieces = outcomeOf(withoutHalfCalls(decode(cut(bytes, random))));
      assert.deepEqual(pieces, whole, 'cut elsewhere it is another answer');
      const size = JSON.stringify([whole.text, whole.reasoning, whole.calls]).length;
      assert.ok(size < bytes.length * 8 + 20_000, `${size} of ${bytes.length} bytes`);
      if (whole.error !== undefined) {
        const { length } = whole.error.message;
        assert.ok(length > 0 && length < 4_000, `a message of ${length}`);
      }
      // What Codex gets of it is a valid stream with one end.
      const stream = new ResponseStream(reply);
      const sent = stream.open() + stream.write(events);
      assert.ok(stream.ended, 'the stream goes on');
      const types = assertValidEvents(sent).map((event) => String(event['type']));
      const ends = types.filter((type) => /^response\.(completed|failed|incomplete)$/.test(type));
      assert.equal(ends.length, 1, types.join());
    },
  };
}

const errors: Fuzzer = {
  name: 'refusals',
  quick: 800,
  run(random) {
    const { target } = random.pick([corpora[0] ?? corpus('', chatTarget(), []), ...corpora]);
    const canary = 'sk-canary-0123456789abcdef';
    const body = {
      error: {
        message: `Incorrect API key: ${canary}`,
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
        status: 'RESOURCE_EXHAUSTED',
        details: [{ retryDelay: '34s' }],
      },
    };
    const json = torn(JSON.stringify(damaged(body, random, random.pick([0, 5]))) ?? '', random, 1);
    const html = `<html><title>${random.text()}</title><p>${'x'.repeat(random.below(9_000))}`;
    const error = adapterFor(target.wire).error(
      {
        status: random.pick([400, 401, 402, 403, 404, 413, 429, 500, 503, 529, 600]),
        headers: { 'retry-after': random.pick(['1', '-5', 'soon', '99999999999', undefined]) },
        body: random.pick([json, html, '', '\u0000']),
      },
      target,
    );
    assert.ok(error.message.length > 0 && error.message.length < 4_000);
    // Torn, it may have become a part of a longer word, which nobody can tell for a key.
    assert.doesNotMatch(error.message, new RegExp(`\\b${canary}`));
    const wait = error.retryAfterSeconds;
    assert.ok(wait === undefined || (Number.isInteger(wait) && wait >= 0), `wait ${wait}`);
  },
};

const sse: Fuzzer = {
  name: 'server-sent events',
  quick: 1500,
  run(random) {
    const events = Array.from({ length: random.below(12) }, () =>
      Array.from({ length: 1 + random.below(3) }, () =>
        `x${random.text()}`.replace(/[\r\n]/g, ' '),
      ),
    );
    const ending = random.pick(['\n', '\r\n', '\r']);
    const noise = () =>
      random.chance(20)
        ? random.pick([': ping', 'event: delta', 'id: 7', 'retry: 10', 'data', 'nonsense'])
        : undefined;
    const text = events
      .flatMap((lines) => [
        noise(),
        ...lines.map((line) => `data:${random.chance(70) ? ' ' : ''}${line}`),
        noise(),
        '',
      ])
      .filter((line) => line !== undefined)
      .map((line) => line + ending)
      .join('');
    const bytes = new TextEncoder().encode((random.chance(20) ? '\uFEFF' : '') + text);
    const read = (chunks: Iterable<Uint8Array>): string[] => {
      const reader = new SseReader();
      const got: string[] = [];
      for (const chunk of chunks) got.push(...reader.push(chunk));
      return [...got, ...reader.end()];
    };
    // A line "data" without a colon is an empty line of data, which nobody sends: it is ignored.
    assert.deepEqual(
      read(cut(bytes, random)),
      events.map((lines) => lines.join('\n')),
    );
    const garbage = bytesOf(torn(text, random, 6), random);
    assert.deepEqual(read(cut(garbage, random)), read([garbage]));
  },
};

export const answerFuzzers: readonly Fuzzer[] = [...corpora.map(decoderFuzzer), errors, sse];

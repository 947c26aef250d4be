import type { Decoder } from '../adapters/adapter.ts';
import { adapterFor } from '../adapters/registry.ts';
import { SseReader } from '../adapters/sse.ts';
import type { Target } from '../adapters/target.ts';
import { reasonOf } from '../language/reason.ts';
import type { WebCall } from '../providers/webCall.ts';
import type { TurnError } from '../turn/error.ts';
import type { Usage } from '../turn/event.ts';
import { parseJson } from '../turn/json.ts';
import {
  type ImagePart,
  type Json,
  type JsonObject,
  type TextPart,
  type Turn,
  unsaid,
} from '../turn/turn.ts';
import { sumOf } from './searchStep.ts';
import { type SearchTrail, searchTrail } from './sources.ts';

/** A question to a model beside the turn. */
export interface Question {
  readonly target: Target;
  /** Who asks. Only this provider's own credential. */
  readonly headers: Readonly<Record<string, string>>;
  readonly instructions: string;
  readonly content: readonly (TextPart | ImagePart)[];
  readonly effort: string | undefined;
  /** Further fields of the request's body. */
  readonly fields?: JsonObject;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type ModelAnswer =
  | {
      readonly ok: true;
      readonly text: string;
      readonly trail: SearchTrail;
      readonly usage: Usage | undefined;
    }
  | { readonly ok: false; readonly reason: string };

/** How often an answer that its provider has paused goes on. */
const mostPauses = 3;

/** Asks a model one thing and reads its answer as a whole. Fails with a sentence, never by throwing. */
export async function askModel(question: Question, call: WebCall): Promise<ModelAnswer> {
  try {
    return await answerOf(question, call);
  } catch (thrown) {
    // What is nested too deeply overflows the stack of its reader.
    const { label } = question.target;
    return { ok: false, reason: `${label}: the answer cannot be used (${reasonOf(thrown)}).` };
  }
}

async function answerOf(question: Question, call: WebCall): Promise<ModelAnswer> {
  const { target, headers, fields = {}, timeoutMs, signal } = question;
  const adapter = adapterFor(target.wire);
  const extraBody = { ...target.quirks.extraBody, ...fields };
  const deadline = Date.now() + timeoutMs;
  let asked = adapter.encode(turnOf(question), {
    ...target,
    quirks: { ...target.quirks, extraBody },
  });
  let usage: Usage | undefined;
  let text = '';
  const payloads: Json[] = [];
  for (let pauses = 0; ; pauses += 1) {
    const answer = await call({
      method: 'POST',
      url: asked.url,
      headers: { ...asked.headers, ...headers },
      body: asked.body,
      timeoutMs: Math.max(1, deadline - Date.now()),
      signal,
    });
    if (!answer.ok) return { ok: false, reason: `${target.label}: ${answer.message}` };
    if (answer.status < 200 || answer.status > 299) {
      return { ok: false, reason: adapter.error(answer, target).message };
    }
    const kind = /^\s*[{[]/.test(answer.body) ? 'json' : 'sse';
    const read = readAll(adapter.decoder(target, kind), answer.body);
    if (!read.ok) return { ok: false, reason: read.error.message };
    usage = sumOf(usage, read.usage);
    text += read.text;
    payloads.push(...payloadsOf(answer.body, kind));
    const next =
      read.paused && pauses < mostPauses ? adapter.resume?.(asked, answer.body) : undefined;
    if (next === undefined) break;
    asked = next;
  }
  if (text.trim() === '') return { ok: false, reason: `${target.label} answered nothing.` };
  return { ok: true, text: text.trim(), usage, trail: searchTrail(payloads) };
}

function turnOf({ target, instructions, content, effort }: Question): Turn {
  return {
    ...unsaid,
    model: target.model,
    messages: [
      { role: 'system', content: [{ type: 'text', text: instructions }] },
      { role: 'user', content },
    ],
    tools: [],
    toolChoice: { type: 'auto' },
    reasoning: { effort, summary: undefined },
    output: { type: 'text' },
    // ChatGPT's backend answers in no other way.
    stream: true,
  };
}

type ReadAnswer =
  | {
      readonly ok: true;
      readonly text: string;
      readonly usage: Usage | undefined;
      readonly paused: boolean;
    }
  | { readonly ok: false; readonly error: TurnError };

function readAll(decoder: Decoder, body: string): ReadAnswer {
  let text = '';
  let usage: Usage | undefined;
  let paused = false;
  for (const event of [...decoder.push(new TextEncoder().encode(body)), ...decoder.end()]) {
    if (event.type === 'text.delta') text += event.text;
    else if (event.type === 'text.start' && text !== '') text += '\n';
    else if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'finish') paused = event.reason === 'pause';
    else if (event.type === 'error') return { ok: false, error: event.error };
  }
  return { ok: true, text, usage, paused };
}

function payloadsOf(body: string, kind: 'json' | 'sse'): readonly Json[] {
  if (kind === 'json') return [parseJson(body) ?? null];
  const reader = new SseReader();
  const events = [...reader.push(new TextEncoder().encode(body)), ...reader.end()];
  return events.map((event) => parseJson(event) ?? null);
}

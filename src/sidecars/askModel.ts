import type { Decoder } from '../adapters/adapter.ts';
import { fieldOf } from '../adapters/json.ts';
import { adapterFor } from '../adapters/registry.ts';
import { SseReader } from '../adapters/sse.ts';
import type { Target } from '../adapters/target.ts';
import type { WebCall } from '../providers/webCall.ts';
import type { TurnError } from '../turn/error.ts';
import type { Usage } from '../turn/event.ts';
import { parseJson } from '../turn/json.ts';
import type { ImagePart, Json, JsonObject, TextPart, Turn } from '../turn/turn.ts';

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
      readonly sources: readonly Source[];
      readonly usage: Usage | undefined;
    }
  | { readonly ok: false; readonly reason: string };

/** A web page that an answer rests on. */
export interface Source {
  readonly url: string;
  readonly title: string;
}

/** Asks a model one thing and reads its answer as a whole. Fails with a sentence, never by throwing. */
export async function askModel(question: Question, call: WebCall): Promise<ModelAnswer> {
  const { target, headers, fields = {}, timeoutMs, signal } = question;
  const adapter = adapterFor(target.wire);
  const extraBody = { ...target.quirks.extraBody, ...fields };
  const asked = adapter.encode(turnOf(question), {
    ...target,
    quirks: { ...target.quirks, extraBody },
  });
  const answer = await call({
    method: 'POST',
    url: asked.url,
    headers: { ...asked.headers, ...headers },
    body: asked.body,
    timeoutMs,
    signal,
  });
  if (!answer.ok) return { ok: false, reason: `${target.label}: ${answer.message}` };
  if (answer.status < 200 || answer.status > 299) {
    const { message } = adapter.error(answer, target);
    return { ok: false, reason: message };
  }
  const kind = /^\s*[{[]/.test(answer.body) ? 'json' : 'sse';
  const read = readAll(adapter.decoder(target, kind), answer.body);
  if (!read.ok) return { ok: false, reason: read.error.message };
  if (read.text.trim() === '') return { ok: false, reason: `${target.label} answered nothing.` };
  const { text, usage } = read;
  return { ok: true, text: text.trim(), usage, sources: sourcesIn(payloads(answer.body, kind)) };
}

function turnOf({ target, instructions, content, effort }: Question): Turn {
  return {
    model: target.model,
    messages: [
      { role: 'system', content: [{ type: 'text', text: instructions }] },
      { role: 'user', content },
    ],
    tools: [],
    toolChoice: { type: 'auto' },
    parallelToolCalls: undefined,
    reasoning: { effort, summary: undefined },
    output: { type: 'text' },
    verbosity: undefined,
    maxOutputTokens: undefined,
    temperature: undefined,
    topP: undefined,
    cacheKey: undefined,
    serviceTier: undefined,
    // ChatGPT's backend answers in no other way.
    stream: true,
  };
}

type ReadAnswer =
  | { readonly ok: true; readonly text: string; readonly usage: Usage | undefined }
  | { readonly ok: false; readonly error: TurnError };

function readAll(decoder: Decoder, body: string): ReadAnswer {
  let text = '';
  let usage: Usage | undefined;
  for (const event of [...decoder.push(new TextEncoder().encode(body)), ...decoder.end()]) {
    if (event.type === 'text.delta') text += event.text;
    else if (event.type === 'text.start' && text !== '') text += '\n';
    else if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'error') return { ok: false, error: event.error };
  }
  return { ok: true, text, usage };
}

function payloads(body: string, kind: 'json' | 'sse'): readonly Json[] {
  if (kind === 'json') return [parseJson(body) ?? null];
  const reader = new SseReader();
  const events = [...reader.push(new TextEncoder().encode(body)), ...reader.end()];
  return events.map((event) => parseJson(event) ?? null);
}

/** More would be no list of sources any more. */
const mostSources = 20;

/**
 * The pages that an answer names, however its wire format does: Anthropic's `web_search_result`,
 * OpenAI's and OpenRouter's `url_citation`, Gemini's grounding chunks are objects with an address.
 */
export function sourcesIn(payloads: readonly Json[]): readonly Source[] {
  const found = new Map<string, Source>();
  const look = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 12) return;
    const url = fieldOf(value, 'url') ?? fieldOf(value, 'uri');
    const title = fieldOf(value, 'title');
    if (typeof url === 'string' && typeof title === 'string' && /^https?:\/\//i.test(url)) {
      if (!found.has(url) && found.size < mostSources) found.set(url, { url, title });
    }
    for (const inner of Object.values(value)) look(inner, depth + 1);
  };
  for (const payload of payloads) look(payload, 0);
  return [...found.values()];
}

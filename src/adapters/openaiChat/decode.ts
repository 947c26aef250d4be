import type { TurnError } from '../../turn/error.ts';
import type { TurnEvent } from '../../turn/event.ts';
import { isJsonObject, parseJson } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import type { AnswerKind, Decoder } from '../adapter.ts';
import { fieldOf, listOf, textOf } from '../json.ts';
import { RepeatedJson } from '../repeatedJson.ts';
import { SseReader } from '../sse.ts';
import type { Target } from '../target.ts';
import { errorFromNonsense, errorFromPayload, plainError } from '../upstreamErrors.ts';
import { WholeBody } from '../wholeBody.ts';
import { BlockWriter } from './blocks.ts';
import { isErrorChunk, isFlatError } from './errorChunk.ts';
import { endingOf } from './finishReason.ts';
import { detailText, newPart } from './reasoningCarry.ts';
import { ThinkTags } from './thinkTags.ts';
import { fromFunctionCall, isObjectText, ToolCalls } from './toolCalls.ts';
import { findUsage, readUsage } from './usage.ts';

/** The fields of reasoning text, in the order of trust where a host fills several alike. */
const textFields = [
  'reasoning_content',
  'reasoning',
  'reasoning_text',
  'thinking',
  'cot_summary',
] as const;

const textPlace = {
  path: ['choices', 0, 'delta'],
  fields: ['content', ...textFields],
} as const;

const nothing: readonly TurnEvent[] = [];

/** Chat Completions answers: streams, whole JSON, and JSON where a stream was asked for. */
export class ChatDecoder implements Decoder {
  readonly #target: Target;
  readonly #kind: AnswerKind;
  readonly #snapshots: boolean;
  readonly #blocks: BlockWriter;
  readonly #think: ThinkTags | undefined;
  readonly #calls = new ToolCalls();
  readonly #json = new RepeatedJson(textPlace);
  #framing: SseReader | WholeBody | undefined;
  #usage: JsonObject | undefined;
  #reason: string | undefined;
  #choices = 0;
  /** All reasoning so far, where it comes as snapshots. */
  #shown = '';
  #ended = false;

  constructor(target: Target, kind: AnswerKind) {
    const quirks = target.quirks.chat ?? {};
    this.#target = target;
    this.#kind = kind;
    this.#snapshots = quirks.reasoningSnapshots ?? false;
    this.#blocks = new BlockWriter((quirks.reasoningReplay ?? 'none') !== 'none');
    this.#think = (quirks.thinkTags ?? true) ? new ThinkTags(this.#blocks) : undefined;
  }

  push(chunk: Uint8Array): readonly TurnEvent[] {
    if (this.#ended) return nothing;
    let bytes = chunk;
    if (this.#framing === undefined) {
      const start = chunk.findIndex(saysSomething);
      if (start === -1) return nothing;
      bytes = chunk.subarray(start);
      this.#framing = framingOf(bytes[0] ?? 0, this.#kind);
    }
    if (this.#framing instanceof WholeBody) this.#framing.push(bytes);
    else this.#readAll(this.#framing.push(bytes), false);
    if (this.#framing.tooLong && !this.#ended) {
      this.#fail(plainError('upstream', 'an event of more than 64 MiB', this.#target));
    }
    return this.#blocks.take();
  }

  end(): readonly TurnEvent[] {
    if (this.#ended) return nothing;
    if (this.#framing instanceof WholeBody) {
      this.#readWhole(this.#framing.text());
    } else {
      this.#readAll(this.#framing?.end() ?? [], true);
      if (!this.#ended) this.#finishWithoutMark();
    }
    return this.#blocks.take();
  }

  #readAll(events: readonly string[], atEnd: boolean): void {
    for (const data of events) {
      if (this.#ended) return;
      this.#readData(data, atEnd);
    }
  }

  #readData(data: string, atEnd: boolean): void {
    const parsed = this.#json.parse(data);
    if (parsed !== undefined) {
      this.#readChunk(Array.isArray(parsed) ? parsed[0] : parsed);
    } else if (data.trim() === '[DONE]') {
      this.#finishMarked();
    } else if (data.includes('\n')) {
      // Hosts that leave out the blank line between events.
      this.#readAll(data.split('\n'), atEnd);
    } else if (data.startsWith('{') && !atEnd) {
      this.#fail(
        plainError('upstream', `it sent a broken event: ${data.slice(0, 80)}`, this.#target),
      );
    }
  }

  #readChunk(chunk: Json | undefined): void {
    if (!isJsonObject(chunk)) return;
    const choice = listOf(chunk['choices'])[0];
    if (!isJsonObject(choice)) {
      this.#readChoiceless(chunk);
      return;
    }
    if (isErrorChunk(chunk)) {
      this.#fail(errorFromPayload(chunk, this.#target));
      return;
    }
    this.#choices++;
    const delta = choice['delta'] ?? (this.#blocks.any ? undefined : choice['message']);
    if (isJsonObject(delta)) this.#readDelta(delta);
    const usage = findUsage(chunk, choice);
    if (usage !== undefined) this.#usage = usage;
    const reason = choice['finish_reason'];
    if (typeof reason === 'string' && reason !== '') this.#readReason(reason, choice);
  }

  /** The usage chunk at the end of a stream, an error, or something that only some hosts send. */
  #readChoiceless(chunk: JsonObject): void {
    if (isErrorChunk(chunk) || isFlatError(chunk)) {
      this.#fail(errorFromPayload(chunk, this.#target));
      return;
    }
    const usage = findUsage(chunk, undefined);
    if (usage === undefined) return;
    this.#usage = usage;
    if (this.#reason !== undefined) this.#finishMarked();
  }

  #readReason(reason: string, choice: JsonObject): void {
    const ending = endingOf(reason);
    if (ending.ok) {
      this.#reason = reason;
      return;
    }
    const { error } = choice;
    this.#fail(
      isJsonObject(error) || typeof error === 'string'
        ? errorFromPayload({ error }, this.#target)
        : plainError(ending.kind, `finish_reason "${reason}"`, this.#target),
    );
  }

  #readDelta(delta: JsonObject): void {
    this.#readReasoning(delta);
    const { content, refusal, tool_calls: calls, function_call: older } = delta;
    if (typeof content === 'string') this.#text(content);
    else if (content !== null && content !== undefined) this.#readParts(listOf(content));
    if (typeof refusal === 'string') this.#text(refusal);
    if (calls !== null && calls !== undefined)
      for (const call of listOf(calls)) this.#readCall(call);
    if (isJsonObject(older)) {
      const call = fromFunctionCall(older);
      if (call !== undefined) this.#readCall(call);
    }
  }

  #text(delta: string): void {
    if (delta === '') return;
    if (this.#think === undefined) this.#blocks.text(delta);
    else this.#think.push(delta);
  }

  #readReasoning(delta: JsonObject): void {
    const { reasoning_details: details, reasoning_opaque: opaque } = delta;
    const list = details === undefined || details === null ? [] : listOf(details);
    let text = '';
    let source = 'reasoning_details';
    for (const field of textFields) {
      const value = delta[field];
      if (typeof value !== 'string' || value === '') continue;
      text = value;
      source = field;
      break;
    }
    if (text === '') for (const entry of list) text += detailText(entry);
    if (text !== '') this.#blocks.reasoning(this.#snapshots ? this.#unseen(text) : text, source);
    if (list.length > 0) this.#blocks.details(list, this.#snapshots);
    if (typeof opaque === 'string' && opaque !== '') this.#blocks.opaque(opaque);
  }

  #unseen(text: string): string {
    const part = newPart(this.#shown, text);
    this.#shown += part;
    return part;
  }

  /** Content as an array of parts: Mistral, Perplexity. */
  #readParts(parts: readonly Json[]): void {
    for (const part of parts) {
      if (!isJsonObject(part)) continue;
      const { thinking } = part;
      if (part['type'] === 'thinking') {
        const text =
          textOf(thinking) ||
          listOf(thinking)
            .map((piece) => textOf(fieldOf(piece, 'text')))
            .join('');
        this.#blocks.thinking(text, part);
      } else {
        this.#text(textOf(part['text']));
      }
    }
  }

  #readCall(delta: Json): void {
    const taken = this.#calls.take(delta);
    if (taken === undefined) return;
    this.#think?.flush();
    this.#blocks.call(taken.call, taken.fragment);
  }

  #readWhole(text: string): void {
    const body = parseJson(text);
    const answer = Array.isArray(body) ? body[0] : body;
    if (!isJsonObject(answer)) {
      const half = /^\s*[{[]/.test(text) && body === undefined;
      this.#fail(
        half ? plainError('cut', '', this.#target) : errorFromNonsense(text, this.#target),
      );
      return;
    }
    this.#readChunk(answer);
    if (!this.#ended) this.#finishMarked();
  }

  /** The host says that the answer is over: `[DONE]`, the usage chunk, the end of a whole JSON. */
  #finishMarked(): void {
    if (this.#choices === 0) {
      this.#fail(plainError('upstream', 'its answer is empty', this.#target));
      return;
    }
    const broken = this.#calls.all.some(
      (call) => call.arguments.trim() !== '' && !isObjectText(call.arguments),
    );
    if (this.#reason === undefined && broken) this.#fail(plainError('cut', '', this.#target));
    else this.#finish();
  }

  /**
   * The stream closed without saying that it is over. OpenCode's Go gateway closes like that after
   * complete calls; everything else is a cut answer.
   */
  #finishWithoutMark(): void {
    this.#think?.flush();
    if (this.#reason !== undefined || this.#blocks.endsWithWholeCalls) this.#finish();
    else this.#fail(plainError('cut', '', this.#target));
  }

  #finish(): void {
    const ending = endingOf(this.#reason ?? 'stop');
    const reason = ending.ok ? ending.reason : 'stop';
    const usage = this.#usage === undefined ? undefined : readUsage(this.#usage);
    this.#think?.flush();
    if (reason === 'length' && !this.#blocks.any && usage?.outputTokens === 0) {
      // MiMo's way to say that the prompt left no room for an answer.
      this.#fail(
        plainError('context_overflow', 'finish_reason "length" without any output', this.#target),
      );
      return;
    }
    const nameless = this.#calls.all.some(
      (call) => call.name === '' && call.arguments.trim() !== '',
    );
    if (reason === 'stop' && nameless) {
      this.#fail(plainError('upstream', 'it sent a tool call without a name', this.#target));
      return;
    }
    this.#blocks.end(reason !== 'stop');
    if (usage !== undefined) this.#blocks.push({ type: 'usage', usage });
    this.#blocks.push({ type: 'finish', reason });
    this.#ended = true;
  }

  #fail(error: TurnError): void {
    if (this.#usage !== undefined) {
      this.#blocks.push({ type: 'usage', usage: readUsage(this.#usage) });
    }
    this.#blocks.push({ type: 'error', error });
    this.#ended = true;
  }
}

/** White space and a byte order mark say nothing yet. */
function saysSomething(byte: number): boolean {
  return byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf;
}

function framingOf(first: number, kind: AnswerKind): SseReader | WholeBody {
  const character = String.fromCharCode(first);
  if ('{[<"'.includes(character)) return new WholeBody();
  return kind === 'sse' || 'deir:'.includes(character) ? new SseReader() : new WholeBody();
}

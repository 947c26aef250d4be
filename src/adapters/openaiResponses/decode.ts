import type { TurnEvent } from '../../turn/event.ts';
import { isJsonArray, isJsonObject, parseJson } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import type { AnswerKind, Decoder } from '../adapter.ts';
import { textOf } from '../json.ts';
import { SseReader } from '../sse.ts';
import type { Target } from '../target.ts';
import { errorFromPayload, plainError } from '../upstreamErrors.ts';
import { WholeBody } from '../wholeBody.ts';
import { outcomeOfResponse } from './outcome.ts';
import { type BlockKind, carryOf, kindOf, partsOf } from './outputItem.ts';

/** Reads a Responses answer of a host that is not passed through. */
export function responsesDecoder(target: Target, kind: AnswerKind): Decoder {
  return kind === 'sse' ? new StreamDecoder(target) : new WholeDecoder(target);
}

class StreamDecoder implements Decoder {
  readonly #reader = new SseReader();
  readonly #answer: Answer;

  constructor(target: Target) {
    this.#answer = new Answer(target);
  }

  push(chunk: Uint8Array): readonly TurnEvent[] {
    const events = this.#read(this.#reader.push(chunk));
    if (this.#reader.tooLong) this.#answer.tooLong(events);
    return events;
  }

  end(): readonly TurnEvent[] {
    const events = this.#read(this.#reader.end());
    this.#answer.cut(events);
    return events;
  }

  #read(payloads: readonly string[]): TurnEvent[] {
    const events: TurnEvent[] = [];
    for (const payload of payloads) {
      const event = parseJson(payload);
      if (isJsonObject(event)) this.#answer.read(event, events);
    }
    return events;
  }
}

class WholeDecoder implements Decoder {
  readonly #body = new WholeBody();
  readonly #answer: Answer;

  constructor(target: Target) {
    this.#answer = new Answer(target);
  }

  push(chunk: Uint8Array): readonly TurnEvent[] {
    const events: TurnEvent[] = [];
    this.#body.push(chunk);
    if (this.#body.tooLong) this.#answer.tooLong(events);
    return events;
  }

  end(): readonly TurnEvent[] {
    const events: TurnEvent[] = [];
    const body = parseJson(this.#body.text());
    if (isJsonObject(body)) this.#answer.readWhole(body, events);
    this.#answer.cut(events);
    return events;
  }
}

/** An answer in these states has no end to hand on; `cut` says so. */
const unfinished: readonly string[] = ['queued', 'in_progress', 'cancelled'];

/** The item whose parts are being handed on; the others wait until it is done. */
interface OpenItem {
  readonly index: number;
  readonly kind: BlockKind;
  /** The part that is being written; only reasoning has more than one. */
  part: number;
  /** How much of that part has been handed on. */
  sent: number;
}

/**
 * An item is handed on live while it is the only open one. Its `done` event repeats it whole, so
 * whatever came out of turn is given then, and nothing twice.
 */
class Answer {
  readonly #target: Target;
  /** Finished items, by place and, where they have one, by id: the closing object may count anew. */
  readonly #done = new Set<number | string>();
  readonly #waiting: { readonly index: number; readonly item: JsonObject }[] = [];
  #open: OpenItem | undefined;
  #ended = false;

  constructor(target: Target) {
    this.#target = target;
  }

  read(event: JsonObject, events: TurnEvent[]): void {
    if (this.#ended) return;
    const index = indexOf(event);
    switch (event['type']) {
      case 'response.output_item.added':
        if (isJsonObject(event['item'])) this.#added(index, event['item'], events);
        return;
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        this.#delta(index, 'text', 0, event['delta'], events);
        return;
      case 'response.reasoning_summary_text.delta':
        this.#delta(index, 'reasoning', numberOf(event['summary_index']), event['delta'], events);
        return;
      case 'response.reasoning_text.delta':
        this.#delta(index, 'reasoning', numberOf(event['content_index']), event['delta'], events);
        return;
      case 'response.function_call_arguments.delta':
        this.#delta(index, 'call', 0, event['delta'], events);
        return;
      case 'response.output_item.done':
        if (isJsonObject(event['item'])) this.#finish(index, event['item'], events);
        return;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        if (isJsonObject(event['response'])) this.#over(event['response'], events);
        return;
      case 'error':
        this.#fail(event, events);
        return;
    }
    // A gateway's error in the middle of a stream carries no type.
    if (event['type'] === undefined && event['error'] !== undefined) this.#fail(event, events);
  }

  readWhole(body: JsonObject, events: TurnEvent[]): void {
    if (!isJsonArray(body['output'])) this.#fail(body, events);
    else if (!unfinished.includes(textOf(body['status']))) this.#over(body, events);
  }

  /** The stream is over; without a closing event the answer is not complete. */
  cut(events: TurnEvent[]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#close(events);
    events.push({ type: 'error', error: plainError('cut', '', this.#target) });
  }

  tooLong(events: TurnEvent[]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#close(events);
    const why = 'it sent more than 64 MiB at once';
    events.push({ type: 'error', error: plainError('upstream', why, this.#target) });
  }

  #added(index: number, item: JsonObject, events: TurnEvent[]): void {
    if (this.#open === undefined && item['type'] === 'function_call') {
      this.#start(index, 'call', item, events);
    }
  }

  #start(index: number, kind: BlockKind, item: JsonObject, events: TurnEvent[]): OpenItem {
    const open: OpenItem = { index, kind, part: 0, sent: 0 };
    this.#open = open;
    if (kind === 'text') events.push({ type: 'text.start' });
    else if (kind === 'reasoning') events.push({ type: 'reasoning.start', kind: 'summary' });
    else {
      const callId = textOf(item['call_id']);
      events.push({
        type: 'call.start',
        callId: callId === '' ? undefined : callId,
        name: textOf(item['name']),
      });
    }
    return open;
  }

  #delta(
    index: number,
    kind: BlockKind,
    part: number,
    delta: Json | undefined,
    events: TurnEvent[],
  ): void {
    if (typeof delta !== 'string' || delta === '' || this.#done.has(index)) return;
    // A call is opened by its own item, which has the name.
    if (this.#open === undefined && kind !== 'call') this.#start(index, kind, {}, events);
    const open = this.#open;
    if (open === undefined || open.index !== index || open.kind !== kind) return;
    if (kind === 'reasoning' && part > open.part) {
      open.part = part;
      open.sent = 0;
      events.push({ type: 'reasoning.part' });
    }
    open.sent += delta.length;
    events.push(deltaEvent(kind, delta));
  }

  #finish(index: number, item: JsonObject, events: TurnEvent[]): void {
    const id = textOf(item['id']);
    if (this.#done.has(id === '' ? index : id)) return;
    this.#done.add(index);
    if (id !== '') this.#done.add(id);
    if (this.#open !== undefined && this.#open.index !== index) {
      this.#waiting.push({ index, item });
      return;
    }
    this.#emit(index, item, events);
    this.#emitWaiting(events);
  }

  #emitWaiting(events: TurnEvent[]): void {
    for (const { index, item } of this.#waiting.splice(0)) this.#emit(index, item, events);
  }

  /** Hands on what is left of an item and closes it. */
  #emit(index: number, item: JsonObject, events: TurnEvent[]): void {
    const kind = kindOf(item);
    const open = this.#open;
    if (kind === undefined || (open !== undefined && open.kind !== kind)) {
      this.#close(events);
      return;
    }
    // The token limit cut it; the answer ends soon.
    if (kind === 'call' && item['status'] === 'incomplete') return;
    const parts = partsOf(item);
    const carry = kind === 'reasoning' ? carryOf(item) : undefined;
    const empty = parts.every((part) => part === '');
    if (open === undefined && empty && kind !== 'call' && carry === undefined) return;
    const block = open ?? this.#start(index, kind, item, events);
    for (let part = block.part; part < parts.length; part += 1) {
      if (part > block.part) events.push({ type: 'reasoning.part' });
      const rest = parts[part]?.slice(part === block.part ? block.sent : 0) ?? '';
      if (rest !== '') events.push(deltaEvent(kind, rest));
    }
    this.#open = undefined;
    events.push(
      kind === 'reasoning' && carry !== undefined
        ? { type: 'reasoning.end', carry }
        : { type: `${kind}.end` },
    );
  }

  #over(response: JsonObject, events: TurnEvent[]): void {
    if (this.#ended) return;
    const output = isJsonArray(response['output']) ? response['output'] : [];
    const complete = response['status'] !== 'failed' && response['status'] !== 'incomplete';
    for (const [index, item] of output.entries()) {
      // The closing object repeats all items; only hosts that leave `done` out need it.
      if (isJsonObject(item) && (complete || item['type'] !== 'function_call')) {
        this.#finish(index, item, events);
      }
    }
    this.#ended = true;
    this.#close(events);
    this.#emitWaiting(events);
    const { usage, status } = outcomeOfResponse(response);
    if (usage !== undefined) events.push({ type: 'usage', usage });
    if (status === 'failed') {
      events.push({ type: 'error', error: errorFromPayload(response, this.#target) });
    } else if (status === 'incomplete') {
      const details = response['incomplete_details'];
      const filtered = isJsonObject(details) && details['reason'] === 'content_filter';
      events.push({ type: 'finish', reason: filtered ? 'content_filter' : 'length' });
    } else {
      events.push({ type: 'finish', reason: 'stop' });
    }
  }

  #fail(payload: JsonObject, events: TurnEvent[]): void {
    this.#ended = true;
    this.#close(events);
    events.push({ type: 'error', error: errorFromPayload(payload, this.#target) });
  }

  /** Ends an item that never got its `done`. A half call must not look like a whole one. */
  #close(events: TurnEvent[]): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined && open.kind !== 'call') events.push({ type: `${open.kind}.end` });
  }
}

function deltaEvent(kind: BlockKind, delta: string): TurnEvent {
  return kind === 'call'
    ? { type: 'call.delta', arguments: delta }
    : { type: `${kind}.delta`, text: delta };
}

function indexOf(event: JsonObject): number {
  return numberOf(event['output_index']);
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

import type { TurnEvent } from '../../turn/event.ts';
import type { JsonObject } from '../../turn/turn.ts';
import { isVisible } from './content.ts';
import { unwrapped, wrapper } from './tools.ts';

/** A call while its arguments arrive. */
export interface CallBlock {
  readonly type: 'call';
  readonly callId: string | undefined;
  readonly name: string;
  arguments: string;
  /** Whether the arguments may be wrapped; `undefined`: too little of them has come to tell. */
  wrapped: boolean | undefined;
  /** How much of the arguments has been given; nothing until it is known that they are not wrapped. */
  given: number;
  over: boolean;
}

/**
 * Keeps the grammar of TurnEvent: blocks never overlap. Text and thinking stream as they come. The
 * first call streams as well, but it may not end before the step is over, so what follows it waits.
 */
export class AnswerWriter {
  #events: TurnEvent[] = [];
  readonly #waiting: TurnEvent[] = [];
  #call: CallBlock | undefined;
  #textOpen = false;
  /** White space in front of a text: alone it is no message. */
  #space = '';

  /** The answer has a call that has not ended. */
  get inCall(): boolean {
    return this.#call !== undefined;
  }

  /** The events since the last time. */
  take(): readonly TurnEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Adjacent text blocks are one text: citations cut a sentence into many. */
  text(delta: string): void {
    if (delta === '') return;
    if (this.#textOpen) {
      this.#emit({ type: 'text.delta', text: delta });
      return;
    }
    this.#space += delta;
    if (!isVisible(delta)) return;
    this.#textOpen = true;
    this.#emit({ type: 'text.start' });
    this.#emit({ type: 'text.delta', text: this.#space });
    this.#space = '';
  }

  /** Something other than text begins. */
  closeText(): void {
    this.#space = '';
    if (!this.#textOpen) return;
    this.#textOpen = false;
    this.#emit({ type: 'text.end' });
  }

  startReasoning(): void {
    this.closeText();
    this.#emit({ type: 'reasoning.start', kind: 'summary' });
  }

  reasoning(delta: string): void {
    if (delta !== '') this.#emit({ type: 'reasoning.delta', text: delta });
  }

  endReasoning(block: JsonObject | undefined): void {
    this.#emit(
      block === undefined ? { type: 'reasoning.end' } : { type: 'reasoning.end', carry: [block] },
    );
  }

  startCall(callId: string | undefined, name: string): CallBlock {
    this.closeText();
    const nothing = { arguments: '', wrapped: undefined, given: 0, over: false };
    const call: CallBlock = { type: 'call', callId, name, ...nothing };
    if (this.#call === undefined) {
      this.#call = call;
      this.#events.push({ type: 'call.start', callId, name });
    }
    return call;
  }

  argument(call: CallBlock, fragment: string): void {
    if (fragment === '') return;
    const before = call.arguments.length;
    call.arguments += fragment;
    if (call !== this.#call) return;
    call.wrapped ??= areWrapped(call.arguments);
    if (call.wrapped !== false) return;
    // Cut out of the whole, each fragment would cost as much time as all before it.
    const more = call.given === before ? fragment : call.arguments;
    this.#events.push({ type: 'call.delta', arguments: more });
    call.given = call.arguments.length;
  }

  /** The arguments are whole: a call without any has an empty object. */
  endCall(call: CallBlock): void {
    if (call.over) return;
    call.over = true;
    const args = call.given > 0 ? call.arguments : unwrapped(call.arguments || '{}');
    if (call === this.#call) {
      this.#give(call, args);
      return;
    }
    this.#waiting.push(
      { type: 'call.start', callId: call.callId, name: call.name },
      { type: 'call.delta', arguments: args },
      { type: 'call.end' },
    );
  }

  /** The step is over and its calls are meant. */
  release(): void {
    this.closeText();
    if (this.#call === undefined) return;
    this.#events.push({ type: 'call.end' });
    for (const event of this.#waiting) this.#events.push(event);
    this.#call = undefined;
    this.#waiting.length = 0;
  }

  /** The last event of the answer; calls that have not been released never end. */
  close(event: TurnEvent): void {
    this.#events.push(event);
  }

  #give(call: CallBlock, args: string): void {
    if (args.length > call.given) {
      this.#events.push({ type: 'call.delta', arguments: args.slice(call.given) });
    }
    call.given = args.length;
  }

  #emit(event: TurnEvent): void {
    if (this.#call === undefined) this.#events.push(event);
    else this.#waiting.push(event);
  }
}

const opening = `{"${wrapper}"`;
/** White space may stand in it. */
const longestOpening = 2 * opening.length;

/** `undefined`: too little has come to tell. What does not tell in time is looked at when it is whole. */
function areWrapped(args: string): boolean | undefined {
  const begin = args.slice(0, longestOpening).replace(/\s/g, '');
  if (begin.startsWith(opening)) return true;
  if (!opening.startsWith(begin)) return false;
  return args.length < longestOpening ? undefined : true;
}

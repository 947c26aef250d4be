import type { TurnEvent } from '../../turn/event.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { CarryBuilder } from './reasoningCarry.ts';
import { isObjectText, type PendingCall } from './toolCalls.ts';

/** A block that came while a call was open; it is given when the step is over. */
type Waiting =
  | { readonly type: 'text'; text: string }
  | { readonly type: 'reasoning'; text: string; readonly carry: CarryBuilder }
  | { readonly type: 'call'; readonly call: PendingCall };

/**
 * Keeps the grammar of TurnEvent: blocks never overlap. Text and reasoning stream as they come. The
 * first call streams, too, but may not end before the step does, so whatever follows it waits.
 */
export class BlockWriter {
  readonly #keepCarry: boolean;
  #events: TurnEvent[] = [];
  #open: 'none' | 'text' | 'reasoning' = 'none';
  /** White space in front of a text: templates leave it before calls, and it is no message. */
  #space = '';
  /** Of the open reasoning block, or of the one that comes next. */
  #carry = new CarryBuilder();
  #call: PendingCall | undefined;
  readonly #waiting: Waiting[] = [];
  readonly #callIds = new Set<string>();
  #any = false;

  constructor(keepCarry: boolean) {
    this.#keepCarry = keepCarry;
  }

  /** The answer has at least one block. */
  get any(): boolean {
    return this.#any;
  }

  /** The answer has calls, nothing came after them, and the arguments of all are whole. */
  get endsWithWholeCalls(): boolean {
    return (
      this.#call !== undefined &&
      isObjectText(this.#call.arguments) &&
      this.#waiting.every((block) => block.type === 'call' && isObjectText(block.call.arguments))
    );
  }

  /** The events since the last time. */
  take(): readonly TurnEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  push(event: TurnEvent): void {
    this.#events.push(event);
  }

  text(delta: string): void {
    if (delta === '') return;
    if (this.#open === 'text') {
      this.#events.push({ type: 'text.delta', text: delta });
      return;
    }
    if (this.#call !== undefined) {
      this.#wait('text', delta);
    } else if (delta.trim() === '') {
      this.#space += delta;
    } else {
      const text = this.#space + delta;
      this.#close();
      this.#flushCarry();
      this.#space = '';
      this.#start('text', text);
    }
  }

  /** `field` is the message field in which the text came. */
  reasoning(delta: string, field: string): void {
    this.#reasoning(delta).field(field);
  }

  /** Reasoning that stood between tags in the content. */
  thought(delta: string): void {
    this.#reasoning(delta).tags();
  }

  /** A `thinking` part of Mistral. */
  thinking(delta: string, part: JsonObject): void {
    this.#reasoning(delta).thinking(part);
  }

  /** Data that goes back with the reasoning but is not shown. */
  opaque(value: string): void {
    this.#carry.opaque(value);
  }

  details(list: readonly Json[], snapshots: boolean): void {
    this.#carry.details(list, snapshots);
  }

  /** `call` has grown by `fragment`. */
  call(call: PendingCall, fragment: string): void {
    if (call === this.#call) {
      if (fragment !== '') this.#events.push({ type: 'call.delta', arguments: fragment });
      return;
    }
    if (call.name === '') return;
    if (this.#call !== undefined) {
      const known = this.#waiting.some((block) => block.type === 'call' && block.call === call);
      if (!known) this.#waiting.push({ type: 'call', call });
      return;
    }
    this.#close();
    this.#flushCarry();
    this.#space = '';
    this.#call = call;
    this.#startCall(call);
  }

  /**
   * The step is over: ends what is open and gives what waits. `wholeCallsOnly`: the answer was cut,
   * so calls whose arguments are not whole are never ended, for Codex would run them.
   */
  end(wholeCallsOnly: boolean): void {
    this.#close();
    const first = this.#call;
    if (first !== undefined) {
      if (wholeCallsOnly && !isObjectText(first.arguments)) return;
      this.#endCall(first);
    }
    this.#call = undefined;
    for (const block of this.#waiting) {
      if (block.type === 'call') {
        if (wholeCallsOnly && !isObjectText(block.call.arguments)) continue;
        this.#startCall(block.call);
        this.#endCall(block.call);
      } else if (block.type === 'reasoning') {
        this.#endReasoning(block.text, block.carry);
      } else if (block.text.trim() !== '') {
        this.#start('text', block.text);
        this.#close();
      }
    }
    this.#waiting.length = 0;
    this.#flushCarry();
  }

  #reasoning(delta: string): CarryBuilder {
    if (this.#call !== undefined) return this.#waitReasoning(delta);
    if (this.#open === 'reasoning') {
      if (delta !== '') this.#events.push({ type: 'reasoning.delta', text: delta });
    } else if (delta !== '') {
      this.#close();
      this.#start('reasoning', delta);
    }
    return this.#carry;
  }

  #start(type: 'text' | 'reasoning', text: string): void {
    this.#any = true;
    this.#open = type;
    if (type === 'text') {
      this.#events.push({ type: 'text.start' }, { type: 'text.delta', text });
    } else {
      this.#events.push({ type: 'reasoning.start', kind: 'summary' });
      if (text !== '') this.#events.push({ type: 'reasoning.delta', text });
    }
  }

  #close(): void {
    if (this.#open === 'text') this.#events.push({ type: 'text.end' });
    if (this.#open === 'reasoning') {
      const carry = this.#keepCarry ? this.#carry.build() : undefined;
      this.#events.push(
        carry === undefined ? { type: 'reasoning.end' } : { type: 'reasoning.end', carry },
      );
      this.#carry = new CarryBuilder();
    }
    this.#open = 'none';
  }

  /** Data without a text gets a block of its own. */
  #flushCarry(): void {
    if (!this.#keepCarry || this.#carry.empty) return;
    this.#start('reasoning', '');
    this.#close();
  }

  #endReasoning(text: string, carry: CarryBuilder): void {
    const rest = this.#carry;
    this.#carry = carry;
    this.#start('reasoning', text);
    this.#close();
    this.#carry = rest;
  }

  #startCall(call: PendingCall): void {
    this.#any = true;
    const free = call.id !== '' && !this.#callIds.has(call.id);
    if (free) this.#callIds.add(call.id);
    this.#events.push({ type: 'call.start', callId: free ? call.id : undefined, name: call.name });
    if (call.arguments !== '') {
      this.#events.push({ type: 'call.delta', arguments: call.arguments });
    }
  }

  #endCall(call: PendingCall): void {
    if (call.arguments.trim() === '') this.#events.push({ type: 'call.delta', arguments: '{}' });
    this.#events.push({ type: 'call.end' });
  }

  #wait(type: 'text', delta: string): void {
    const last = this.#waiting.at(-1);
    if (last?.type === type) last.text += delta;
    else this.#waiting.push({ type, text: delta });
  }

  #waitReasoning(delta: string): CarryBuilder {
    const last = this.#waiting.at(-1);
    if (last?.type === 'reasoning') {
      last.text += delta;
      return last.carry;
    }
    const carry = new CarryBuilder();
    this.#waiting.push({ type: 'reasoning', text: delta, carry });
    return carry;
  }
}

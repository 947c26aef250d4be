import type { TurnEvent } from '../../turn/event.ts';
import { carryOf, type Signed } from './carry.ts';

const sectionTitle = /^\*\*[^*\n]+\*\*\n/;

/**
 * Keeps the grammar of TurnEvent: blocks never overlap. Text and thoughts stream as they come. Calls
 * arrive whole, but none may end before the step is over, so the first one and all behind it wait.
 */
export class AnswerWriter {
  #events: TurnEvent[] = [];
  /** From the first call on. */
  #waiting: TurnEvent[] | undefined;
  #open: 'none' | 'text' | 'thought' = 'none';
  /** White space in front of a text: alone it is no message. */
  #space = '';
  #hasText = false;

  /** The answer has a call. */
  get hasCalls(): boolean {
    return this.#waiting !== undefined;
  }

  get hasText(): boolean {
    return this.#hasText;
  }

  /** The events since the last time. */
  take(): readonly TurnEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  text(delta: string): void {
    if (delta === '') return;
    if (this.#open === 'text') {
      this.#emit({ type: 'text.delta', text: delta });
      return;
    }
    this.#space += delta;
    if (!/\S/.test(delta)) return;
    const text = this.#space;
    this.#close();
    this.#open = 'text';
    this.#hasText = true;
    this.#emit({ type: 'text.start' });
    this.#emit({ type: 'text.delta', text });
  }

  /** Each titled section of the thoughts is a part of its own. */
  thought(delta: string): void {
    if (delta === '') return;
    if (this.#open !== 'thought') this.#startThought();
    else if (sectionTitle.test(delta)) this.#emit({ type: 'reasoning.part' });
    this.#emit({ type: 'reasoning.delta', text: delta });
  }

  /** The part of this length that came last is signed. */
  signText(length: number, signature: string): void {
    const signed: Signed = { part: 'text', signature, length: this.#open === 'text' ? length : 0 };
    if (this.#open === 'text') this.#close();
    this.#startThought();
    this.#endThought(signed);
  }

  signThought(length: number, signature: string): void {
    if (this.#open !== 'thought') this.#startThought();
    this.#endThought({ part: 'thought', signature, length });
  }

  call(
    callId: string | undefined,
    name: string,
    args: string,
    signature: string | undefined,
  ): void {
    // A signature without its call would be taken for the next one's: it waits with it.
    if (signature === undefined || this.#open !== 'thought') this.#close();
    this.#waiting ??= [];
    if (signature !== undefined) {
      if (this.#open !== 'thought') this.#startThought();
      this.#endThought({ part: 'call', signature });
    }
    this.#emit({ type: 'call.start', callId, name });
    this.#emit({ type: 'call.delta', arguments: args });
    this.#emit({ type: 'call.end' });
  }

  /** The step is over and its calls are meant. */
  release(): void {
    this.#close();
    for (const event of this.#waiting ?? []) this.#events.push(event);
    this.#waiting = undefined;
  }

  /** Calls that have not been released never end. */
  drop(): void {
    if (this.#waiting === undefined) this.#close();
  }

  /** Usage and the last event of the answer. */
  push(event: TurnEvent): void {
    this.#events.push(event);
  }

  #startThought(): void {
    this.#close();
    this.#open = 'thought';
    this.#emit({ type: 'reasoning.start', kind: 'summary' });
  }

  #endThought(signed: Signed): void {
    this.#open = 'none';
    this.#emit({ type: 'reasoning.end', carry: carryOf(signed) });
  }

  #close(): void {
    this.#space = '';
    if (this.#open === 'text') this.#emit({ type: 'text.end' });
    if (this.#open === 'thought') this.#emit({ type: 'reasoning.end' });
    this.#open = 'none';
  }

  #emit(event: TurnEvent): void {
    (this.#waiting ?? this.#events).push(event);
  }
}

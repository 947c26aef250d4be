import {
  type LanguageModelResponsePart,
  LanguageModelTextPart,
  LanguageModelToolCallPart,
} from 'vscode';
import type { TurnEvent } from '../../turn/event.ts';
import { parseJsonObject } from '../../turn/json.ts';
import { thinkingPart, usagePart } from '../untyped.ts';

/**
 * The editor holds parts back until none has come for 30 ms, so a steady stream of small ones would
 * pile up there: the first goes at once, the others are gathered a little longer than that.
 */
const gatherMs = 32;

type Kind = 'text' | 'thinking';

/** Makes the parts that the editor's chat takes of the events of an answer. */
export class AnswerParts {
  readonly #report: (part: LanguageModelResponsePart) => void;
  readonly #tools: ReadonlyMap<string, string>;
  #kind: Kind = 'text';
  #gathered = '';
  #timer: NodeJS.Timeout | undefined;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #thoughts = 0;
  #call = { callId: '', name: '', arguments: '' };
  #calls = 0;

  /** `tools`: the chat's names by those that the provider knows. */
  constructor(
    tools: ReadonlyMap<string, string>,
    report: (part: LanguageModelResponsePart) => void,
  ) {
    this.#tools = tools;
    this.#report = report;
  }

  write(events: readonly TurnEvent[]): void {
    for (const event of events) this.#take(event);
  }

  /** Says what is still held back. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#gathered;
    if (text === '') return;
    this.#gathered = '';
    this.#reportedAt = performance.now();
    const part =
      this.#kind === 'text'
        ? new LanguageModelTextPart(text)
        : thinkingPart(text, `thought_${this.#thoughts}`);
    if (part !== undefined) this.#report(part);
  }

  /** Nobody listens any more. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#gathered = '';
  }

  #take(event: TurnEvent): void {
    switch (event.type) {
      case 'text.delta':
        this.#gather('text', event.text);
        break;
      case 'reasoning.start':
        this.#thoughts += 1;
        break;
      case 'reasoning.delta':
        this.#gather('thinking', event.text);
        break;
      case 'reasoning.part':
        this.#gather('thinking', '\n\n');
        break;
      case 'reasoning.end':
        if (typeof event.carry === 'string') this.#thought(event.carry);
        break;
      case 'call.start':
        this.#calls += 1;
        this.#call = {
          callId: event.callId ?? `call_${this.#calls}`,
          name: this.#tools.get(event.name) ?? event.name,
          arguments: '',
        };
        break;
      case 'call.delta':
        this.#call.arguments += event.arguments;
        break;
      case 'call.end': {
        const { callId, name, arguments: text } = this.#call;
        this.flush();
        const input = { ...parseJsonObject(text) };
        this.#report(new LanguageModelToolCallPart(callId, name, input));
        break;
      }
      case 'usage':
        this.flush();
        this.#report(usagePart(event.usage));
        break;
      case 'finish':
        this.flush();
        break;
      case 'text.start':
      case 'text.end':
      case 'error':
        break;
    }
  }

  /** What the provider needs back goes with the thought's end. */
  #thought(sealed: string): void {
    this.flush();
    const part = thinkingPart('', `thought_${this.#thoughts}`, sealed);
    if (part !== undefined) this.#report(part);
  }

  #gather(kind: Kind, text: string): void {
    if (kind !== this.#kind) this.flush();
    this.#kind = kind;
    this.#gathered += text;
    const due = this.#reportedAt + gatherMs - performance.now();
    if (due <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), due);
  }
}

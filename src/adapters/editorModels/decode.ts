import { type TurnError, type TurnErrorKind, turnError } from '../../turn/error.ts';
import type { TurnEvent } from '../../turn/event.ts';
import type { Decoder } from '../adapter.ts';
import type { Target } from '../target.ts';
import { type AnswerLine, readLine } from './answer.ts';

/** Reads what the extension host writes of a model's answer. */
export function decoder(target: Target): Decoder {
  return new EditorDecoder(target);
}

type Block = 'text' | 'reasoning';

class EditorDecoder implements Decoder {
  readonly #target: Target;
  readonly #utf8 = new TextDecoder();
  readonly #calls: Extract<AnswerLine, { type: 'call' }>[] = [];
  #usage: TurnEvent | undefined;
  #rest = '';
  #open: Block | undefined;
  #over = false;

  constructor(target: Target) {
    this.#target = target;
  }

  push(chunk: Uint8Array): readonly TurnEvent[] {
    return this.#read(this.#utf8.decode(chunk, { stream: true }));
  }

  end(): readonly TurnEvent[] {
    const events = this.#read(`${this.#utf8.decode()}\n`);
    if (this.#over) return events;
    this.#over = true;
    const { label, model } = this.#target;
    const error = turnError('cut', `${label} ended the answer of ${model} before it was complete.`);
    return [...events, { type: 'error', error }];
  }

  #read(text: string): readonly TurnEvent[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    const events: TurnEvent[] = [];
    for (const line of lines) {
      if (this.#over || line === '') continue;
      const read = readLine(line);
      if (read !== undefined) this.#take(read, events);
    }
    return events;
  }

  #take(line: AnswerLine, events: TurnEvent[]): void {
    switch (line.type) {
      case 'text':
        this.#delta('text', line.text, events);
        break;
      case 'thinking':
        this.#delta('reasoning', line.text, events);
        break;
      // Codex runs a tool at once: that waits until the step is over.
      case 'call':
        this.#calls.push(line);
        break;
      case 'usage': {
        const { type: _, ...usage } = line;
        this.#usage = { type: 'usage', usage: { ...usage, cacheWriteTokens: 0 } };
        break;
      }
      case 'end':
        this.#finish(events);
        break;
      case 'error':
        this.#over = true;
        events.push({ type: 'error', error: editorError(line.code, line.message, this.#target) });
        break;
    }
  }

  #delta(block: Block, text: string, events: TurnEvent[]): void {
    if (text === '') return;
    if (this.#open !== block) {
      this.#close(events);
      events.push(
        block === 'text' ? { type: 'text.start' } : { type: 'reasoning.start', kind: 'summary' },
      );
      this.#open = block;
    }
    events.push({ type: `${block}.delta`, text });
  }

  #close(events: TurnEvent[]): void {
    if (this.#open !== undefined) events.push({ type: `${this.#open}.end` });
    this.#open = undefined;
  }

  #finish(events: TurnEvent[]): void {
    this.#over = true;
    this.#close(events);
    for (const { callId, name, arguments: input } of this.#calls) {
      events.push(
        { type: 'call.start', callId, name },
        { type: 'call.delta', arguments: input },
        { type: 'call.end' },
      );
    }
    if (this.#usage !== undefined) events.push(this.#usage);
    events.push({ type: 'finish', reason: 'stop' });
  }
}

/** By the codes of a LanguageModelError; what else is thrown has none. */
const kinds: Readonly<Record<string, TurnErrorKind>> = {
  NoPermissions: 'permission',
  Blocked: 'rate_limit',
  NotFound: 'unknown_model',
};

function editorError(code: string, text: string, { label, model }: Target): TurnError {
  const kind = Object.hasOwn(kinds, code) ? kinds[code] : undefined;
  const said = text === '' ? 'it failed and does not say why.' : text;
  return turnError(kind ?? 'upstream', `${label}, model ${model}: ${said}`);
}

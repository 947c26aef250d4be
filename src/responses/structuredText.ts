import { turnError } from '../turn/error.ts';
import type { FinishReason, TurnEvent } from '../turn/event.ts';
import { isJsonArray, isJsonObject, parseJson } from '../turn/json.ts';
import type { Json, OutputFormat } from '../turn/turn.ts';

/** The form in which a turn asked for its final answer: plain data, part of the ReplyContext. */
export interface AnswerForm {
  readonly root: 'object' | 'array' | 'any';
  /** Keys that an object at the root must have. */
  readonly required: readonly string[];
}

/** What an output format says of the answer's form; `undefined`: the answer is prose. */
export function answerForm(output: OutputFormat): AnswerForm | undefined {
  if (output.type === 'text') return undefined;
  if (output.type === 'json_object') return { root: 'object', required: [] };
  const { type, required } = output.schema;
  return {
    root: type === 'object' || type === 'array' ? type : 'any',
    required: isJsonArray(required) ? required.filter((key) => typeof key === 'string') : [],
  };
}

/**
 * Makes the final answer of a turn that asked for JSON be JSON. Providers that cannot be asked for
 * it on the wire are asked in words, and then the model may put prose or a code fence around it. Text
 * that begins like JSON passes as it comes; other text waits until the answer is over, because only
 * then it is known whether it was the answer or a remark before tool calls.
 */
export class StructuredText {
  readonly #form: AnswerForm;
  readonly #provider: string;
  #run: 'open' | 'passing' | 'held' = 'open';
  /** The text that waits. */
  #text = '';
  /** Reasoning that came behind it. */
  #behind: TurnEvent[] = [];
  #passed = false;
  #called = false;

  constructor(form: AnswerForm, provider: string) {
    this.#form = form;
    this.#provider = provider;
  }

  /** Gives what the client shall get for this event. */
  pass(event: TurnEvent): readonly TurnEvent[] {
    if (this.#called) return [event];
    switch (event.type) {
      case 'text.delta':
        return this.#delta(event.text);
      case 'text.start':
      case 'text.end':
        return this.#run === 'passing' ? [event] : [];
      case 'reasoning.start':
      case 'reasoning.delta':
      case 'reasoning.part':
      case 'reasoning.end':
        if (this.#run === 'held') {
          this.#behind.push(event);
          return [];
        }
        this.#next();
        return [event];
      case 'call.start':
        this.#called = true;
        return [...this.#release(), event];
      case 'search.start':
        // What came before a search was not the answer.
        return [...this.#release(), event];
      case 'finish':
        return this.#finish(event.reason);
      case 'search.end':
      case 'call.delta':
      case 'call.end':
      case 'usage':
      case 'error':
        return [event];
    }
  }

  #delta(text: string): readonly TurnEvent[] {
    if (this.#run === 'passing') return [{ type: 'text.delta', text }];
    if (this.#behind.length > 0) {
      if (/\S/.test(text)) {
        // More than reasoning follows, so what waits was not the answer.
        const earlier = this.#release();
        return [...earlier, ...this.#delta(text)];
      }
      this.#behind.push({ type: 'text.delta', text });
      return [];
    }
    this.#text += text;
    if (this.#run === 'held') return [];
    // What came before is white space.
    const first = /\S/.exec(text)?.[0];
    if (first === undefined) return [];
    this.#run = this.#opensRoot(first) ? 'passing' : 'held';
    if (this.#run === 'held') return [];
    const all = this.#text;
    this.#text = '';
    this.#passed = true;
    return [{ type: 'text.start' }, { type: 'text.delta', text: all }];
  }

  #opensRoot(character: string): boolean {
    const { root } = this.#form;
    return (character === '{' && root !== 'array') || (character === '[' && root !== 'object');
  }

  #finish(reason: FinishReason): readonly TurnEvent[] {
    const finish: TurnEvent = { type: 'finish', reason };
    if (reason !== 'stop') return [...this.#release(), finish];
    if (this.#run === 'passing' || (this.#run === 'open' && this.#passed)) return [finish];
    const json = findJson(this.#text, this.#form);
    if (json === undefined) return [{ type: 'error', error: this.#failure() }];
    this.#text = json;
    return [...this.#release(), finish];
  }

  #failure() {
    return turnError(
      'upstream',
      `${this.#provider}: the answer has to be ${this.#wanted()}, but the model gave ${this.#run === 'held' ? 'other text' : 'no text'}. Try again, or use a model that supports structured output.`,
    );
  }

  #wanted(): string {
    const { root, required } = this.#form;
    const kind = { object: 'a JSON object', array: 'a JSON array', any: 'JSON' }[root];
    return required.length === 0 || root === 'array' ? kind : `${kind} with ${listed(required)}`;
  }

  /** Hands on what waits. */
  #release(): readonly TurnEvent[] {
    const text = this.#text;
    const behind = this.#behind;
    this.#next();
    if (text === '') return behind;
    return [{ type: 'text.start' }, { type: 'text.delta', text }, { type: 'text.end' }, ...behind];
  }

  #next(): void {
    this.#run = 'open';
    this.#text = '';
    this.#behind = [];
  }
}

function listed(keys: readonly string[]): string {
  const shown = keys.slice(0, 5).map((key) => `"${key.slice(0, 40)}"`);
  return shown.join(', ') + (keys.length > shown.length ? ', …' : '');
}

/** Characters that are looked at in search of JSON, however many brackets a text has. */
const mostLooks = 50_000_000;

/**
 * The last JSON value of this form in a text, as it is written there. The last, because models that
 * think aloud write drafts first.
 */
function findJson(text: string, form: AnswerForm): string | undefined {
  const whole = text.trim();
  if (fits(parseJson(whole), form)) return whole;
  let found: string | undefined;
  let looks = 0;
  const opening = /[{[]/g;
  while (looks < mostLooks) {
    const at = opening.exec(text)?.index;
    if (at === undefined) break;
    const end = closing(text, at);
    looks += (end ?? text.length) - at;
    const span = text.slice(at, end);
    const value = end === undefined ? undefined : parseJson(span);
    if (fits(value, form)) found = span;
    // The inside of a value that is broken or of another form is not the answer; prose in brackets may hold it.
    if (value !== undefined || beginsLikeJson(span)) {
      if (end === undefined) break;
      opening.lastIndex = end;
    }
  }
  return found;
}

function fits(value: Json | undefined, { root, required }: AnswerForm): boolean {
  if (value === undefined) return false;
  if (isJsonObject(value))
    return root !== 'array' && required.every((key) => Object.hasOwn(value, key));
  return isJsonArray(value) ? root !== 'object' : root === 'any';
}

function beginsLikeJson(span: string): boolean {
  return /^(?:\{\s*["}]|\[\s*["{[\]])/.test(span);
}

/** The place behind the bracket that closes the one at `start`. */
function closing(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

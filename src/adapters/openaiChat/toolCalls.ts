import { isJsonObject, parseJson } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { fieldOf, textOf } from '../json.ts';

/** A tool call while it is assembled from `tool_calls` deltas. */
export interface PendingCall {
  /** As the host sends it; `''` until one came. */
  id: string;
  /** `''` until it came; a call without a name cannot be shown yet. */
  name: string;
  arguments: string;
  /** The newest argument text ends like an object does: worth a look whether it is whole. */
  closed: boolean;
}

/** What one delta added to a call. */
export interface CallDelta {
  readonly call: PendingCall;
  readonly fragment: string;
}

/**
 * Finds out to which call a delta belongs. Hosts leave `index` out, start it above 0, or reuse it
 * for parallel calls; they leave out, blank, repeat or change `id` and `name` on continuations. A new
 * call is opened by an unknown index or id, or by a name that the current call cannot have any more:
 * because it has another one, or because its arguments are whole.
 */
export class ToolCalls {
  readonly #calls: PendingCall[] = [];
  readonly #byIndex = new Map<number, PendingCall>();

  get all(): readonly PendingCall[] {
    return this.#calls;
  }

  /** `undefined` where the delta adds nothing. */
  take(delta: Json): CallDelta | undefined {
    if (!isJsonObject(delta)) return undefined;
    const fn = delta['function'];
    const id = textOf(delta['id']);
    const name = textOf(fieldOf(fn, 'name'));
    const fragment = argumentsText(fieldOf(fn, 'arguments'));
    const index = typeof delta['index'] === 'number' ? delta['index'] : undefined;
    const known = this.#known(index, id, name);
    if (known !== undefined && isRepetition(known, id, name, fragment)) return undefined;
    if (known === undefined || opensAnother(known, id, name, fragment)) {
      return this.#open(index, id, name, fragment);
    }
    if (known.name === '') known.name = name;
    if (known.id === '') known.id = id;
    append(known, fragment);
    return { call: known, fragment };
  }

  #known(index: number | undefined, id: string, name: string): PendingCall | undefined {
    const last = this.#calls.at(-1);
    const byId = id === '' ? undefined : this.#calls.findLast((call) => call.id === id);
    const indexed = index === undefined ? undefined : this.#byIndex.get(index);
    if (indexed !== undefined) return indexed;
    if (index === undefined && id === '') return last;
    // From here on the index or the id is new. Only a call that still lacks something goes on.
    if (name !== '') return index === undefined ? (byId ?? sameName(last, name)) : undefined;
    return byId ?? (last !== undefined && !isWhole(last) ? last : undefined);
  }

  #open(index: number | undefined, id: string, name: string, fragment: string): CallDelta {
    const call = { id, name, arguments: '', closed: false };
    append(call, fragment);
    this.#calls.push(call);
    if (index !== undefined) this.#byIndex.set(index, call);
    return { call, fragment };
  }
}

/** Whether the text is the whole JSON of an object: no prefix of such a text is one itself. */
export function isObjectText(text: string): boolean {
  return isJsonObject(parseJson(text));
}

/** The older `function_call` of a message in the form of a `tool_calls` delta. */
export function fromFunctionCall(value: JsonObject): JsonObject | undefined {
  const name = textOf(value['name']);
  const args = value['arguments'] ?? '';
  return name === '' && args === '' ? undefined : { index: 0, function: { name, arguments: args } };
}

function sameName(call: PendingCall | undefined, name: string): PendingCall | undefined {
  return call?.name === name ? call : undefined;
}

function append(call: PendingCall, fragment: string): void {
  call.arguments += fragment;
  if (fragment.trim() !== '') call.closed = fragment.trimEnd().endsWith('}');
}

function isWhole(call: PendingCall): boolean {
  return call.closed && isObjectText(call.arguments);
}

function opensAnother(known: PendingCall, id: string, name: string, fragment: string): boolean {
  if (name === '' || known.name === '') return false;
  if (name !== known.name) return true;
  const anotherId = id !== '' && id !== known.id;
  return (anotherId || fragment !== '') && isWhole(known);
}

/** Some hosts send a finished call once more as a whole. */
function isRepetition(known: PendingCall, id: string, name: string, fragment: string): boolean {
  return (
    id !== '' &&
    id === known.id &&
    name === known.name &&
    fragment.length === known.arguments.length &&
    isWhole(known) &&
    fragment === known.arguments
  );
}

function argumentsText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return isJsonObject(value) ? JSON.stringify(value) : '';
}

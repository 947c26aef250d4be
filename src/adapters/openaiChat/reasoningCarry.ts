import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { defined, type Fields, fieldOf, listOf, textOf } from '../json.ts';

/**
 * What a reasoning block of a chat host needs to go back as it came. It travels sealed in
 * `ReasoningPart.carry`; the text itself is taken from the part wherever it is enough.
 */
export interface ReasoningCarry {
  /** The message field in which the text came, e.g. `reasoning_content`. */
  readonly field?: string;
  /** Copilot's `reasoning_opaque`, which stands beside the text. */
  readonly opaque?: string;
  /** The `reasoning_details` array, deltas of one entry merged. */
  readonly details?: readonly JsonObject[];
  /** Mistral: what its `thinking` part has besides the text. */
  readonly thinking?: JsonObject;
  /** The text came between `<think>` tags in the content. */
  readonly tags?: true;
}

/** Collects the carry of one reasoning block while it streams. */
export class CarryBuilder {
  #field: string | undefined;
  #opaque: string | undefined;
  #thinking: JsonObject | undefined;
  #tags = false;
  readonly #details: JsonObject[] = [];

  get empty(): boolean {
    return this.#opaque === undefined && this.#details.length === 0;
  }

  field(name: string): void {
    this.#field ??= name;
  }

  tags(): void {
    this.#tags = true;
  }

  opaque(value: string): void {
    this.#opaque = value;
  }

  thinking(part: JsonObject): void {
    const { thinking: _, ...rest } = part;
    this.#thinking = { ...this.#thinking, ...rest };
  }

  details(list: readonly Json[], snapshots: boolean): void {
    for (const entry of list) if (isJsonObject(entry)) addDetail(this.#details, entry, snapshots);
  }

  build(): Json | undefined {
    const carry = defined({
      field: this.#details.length > 0 ? undefined : this.#field,
      opaque: this.#opaque,
      details: this.#details.length > 0 ? this.#details : undefined,
      thinking: this.#thinking,
      tags: this.#tags || undefined,
    });
    return Object.keys(carry).length === 0 ? undefined : carry;
  }
}

/** Reads a carry back; `undefined` for anything that is not one. */
export function readCarry(value: Json | undefined): ReasoningCarry | undefined {
  if (!isJsonObject(value)) return undefined;
  const field = textOf(value['field']);
  const opaque = textOf(value['opaque']);
  const details = listOf(value['details']).filter(isJsonObject);
  const thinking = value['thinking'];
  return {
    ...(field === '' ? {} : { field }),
    ...(opaque === '' ? {} : { opaque }),
    ...(details.length === 0 ? {} : { details }),
    ...(isJsonObject(thinking) ? { thinking } : {}),
    ...(value['tags'] === true ? { tags: true } : {}),
  };
}

/** The details of several blocks as one array, as the host first sent them. */
export function mergeDetails(lists: readonly (readonly JsonObject[])[]): readonly JsonObject[] {
  const merged: JsonObject[] = [];
  for (const entry of lists.flat()) addDetail(merged, entry, false);
  return merged;
}

/** The text that a `reasoning_details` entry shows; encrypted ones show none. */
export function detailText(entry: Json): string {
  return textOf(fieldOf(entry, 'text')) || textOf(fieldOf(entry, 'summary'));
}

/**
 * Deltas of one text or summary entry become one entry; encrypted entries stay apart.
 * https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
 */
function addDetail(details: JsonObject[], entry: JsonObject, snapshots: boolean): void {
  const last = details.at(-1);
  if (last === undefined || !continues(last, entry)) {
    details.push(entry);
    return;
  }
  const merged: Fields = { ...last };
  for (const [key, value] of Object.entries(entry)) {
    const before = last[key];
    if (value === null) continue;
    const grows = (key === 'text' || key === 'summary') && typeof before === 'string';
    merged[key] = grows && typeof value === 'string' ? joined(before, value, snapshots) : value;
  }
  details[details.length - 1] = defined(merged);
}

function continues(last: JsonObject, entry: JsonObject): boolean {
  return (
    last['type'] === entry['type'] &&
    last['type'] !== 'reasoning.encrypted' &&
    last['index'] === entry['index'] &&
    (last['id'] ?? entry['id'] ?? null) === (entry['id'] ?? last['id'] ?? null)
  );
}

function joined(before: string, value: string, snapshots: boolean): string {
  return before + (snapshots ? newPart(before, value) : value);
}

/**
 * What a text adds to the one before it. MiniMax documents growing snapshots and has been seen to
 * send deltas, so each text tells by itself which it is.
 */
export function newPart(before: string, value: string): string {
  return value.startsWith(before) ? value.slice(before.length) : value;
}

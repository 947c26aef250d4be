import { isJsonObject, parseJson } from '../turn/json.ts';
import type { Json } from '../turn/turn.ts';

/** Where an event has the text that grows: the way to an object, and the fields that may hold it. */
export interface TextPlace {
  readonly path: readonly (string | number)[];
  readonly fields: readonly string[];
}

/** An event that was parsed, apart from its text. */
interface Known {
  /** What stands before the text, up to and with the quote that begins it. */
  readonly before: string;
  /** What stands behind the text, from the quote that ends it. */
  readonly after: string;
  readonly value: Json;
  readonly holder: { [field: string]: Json };
  readonly field: string;
}

/** Stands for the text; no provider can know it, so it is found nowhere else. */
const probe = crypto.randomUUID();

/** A character that a JSON string cannot hold as it is. */
const special = /[^ !#-[\]-\uffff]/;

/** How many events are left alone at most after one that was of no use. */
const longestRest = 64;

/**
 * Parses the events of one stream. Most of them say the same as the one before, to the letter, but
 * for one text: then that text is put into the value of the one before, which takes a small part of
 * the time. So a value holds only until the next one, and nobody may keep the object that has the
 * text. It cannot go wrong: a probe between the same letters was parsed as just that text, and what
 * needs no escape leaves a parser where the probe did.
 */
export class RepeatedJson {
  readonly #place: TextPlace;
  #known: Known | undefined;
  #rest = 0;
  #nextRest = 1;

  constructor(place: TextPlace) {
    this.#place = place;
  }

  /** The value of a JSON text, or `undefined` where it is not JSON. */
  parse(text: string): Json | undefined {
    const known = this.#known;
    if (known === undefined) return this.#learn(text);
    const { before, after } = known;
    const end = text.length - after.length;
    if (
      end < before.length ||
      text.slice(end) !== after ||
      text.slice(0, before.length) !== before
    ) {
      return this.#learn(text);
    }
    const between = text.slice(before.length, end);
    if (special.test(between)) return parseJson(text);
    this.#nextRest = 1;
    known.holder[known.field] = between;
    return known.value;
  }

  #learn(text: string): Json | undefined {
    const value = parseJson(text);
    if (this.#rest > 0) {
      this.#rest -= 1;
      return value;
    }
    const holder = this.#holderIn(value);
    const field = this.#place.fields.find((name) => isText(holder?.[name]));
    if (holder === undefined || field === undefined) return value;
    const quoted = `"${holder[field]}"`;
    const start = text.lastIndexOf(quoted) + 1;
    if (start === 0) return value;
    this.#rest = this.#nextRest;
    this.#nextRest = Math.min(this.#nextRest * 2, longestRest);
    this.#know(text.slice(0, start), text.slice(start + quoted.length - 2), field);
    return value;
  }

  #know(before: string, after: string, field: string): void {
    const value = parseJson(before + probe + after);
    const holder = this.#holderIn(value);
    if (value === undefined || holder?.[field] !== probe) return;
    this.#known = { before, after, value, holder, field };
  }

  #holderIn(value: Json | undefined): { [field: string]: Json } | undefined {
    let at = value;
    for (const step of this.#place.path) {
      if (typeof step === 'number') at = Array.isArray(at) ? at[step] : undefined;
      else at = isJsonObject(at) ? at[step] : undefined;
    }
    return isJsonObject(at) ? at : undefined;
  }
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== '' && !special.test(value);
}

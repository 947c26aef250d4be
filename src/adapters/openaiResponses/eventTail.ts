import { isJsonObject, parseJson } from '../../turn/json.ts';
import type { JsonObject } from '../../turn/turn.ts';

/** How much of a stream's end is kept at most; one event of a whole answer is far smaller. */
const capacity = 64 * 1024 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Follows a stream of events that passes unread: whether it stands between two events, where
 * something may be put in, and what its last event was. Costs a look at the end of each chunk; the
 * bytes are referred to, not copied.
 */
export class EventTail {
  /** The last four bytes; a stream begins between events. */
  #end = 0x0a0a0a0a;
  /** Chunks that hold the last event but one, and perhaps more before it. */
  #previous: Uint8Array[] = [];
  /** Chunks of the last event. */
  #current: Uint8Array[] = [];
  #size = 0;
  #overflown = false;

  /** Whether everything so far is complete events. */
  get between(): boolean {
    const end = this.#end;
    const two = end & 0xffff;
    if (two === 0x0a0a || two === 0x0d0d || two === 0x0a0d) return true;
    if (two !== 0x0d0a) return false;
    const before = (end >>> 16) & 0xff;
    return before === lineFeed || before === carriageReturn;
  }

  push(chunk: Uint8Array): void {
    const length = chunk.length;
    if (length === 0) return;
    // A line feed after a carriage return still belongs to the blank line.
    const startsEvent =
      this.between && !(chunk[0] === lineFeed && (this.#end & 0xff) === carriageReturn);
    const start = lastEventStart(chunk);
    if (start > 0) {
      this.#previous = startsEvent ? [] : this.#current;
      this.#previous.push(chunk.subarray(0, start));
      this.#current = [chunk.subarray(start)];
      this.#size = length;
    } else if (startsEvent) {
      this.#previous = this.#current;
      this.#current = [chunk];
      this.#size = length;
      this.#overflown = false;
    } else {
      this.#size += length;
      if (this.#size > capacity) this.#overflown = true;
      if (this.#overflown) this.#current = [];
      else this.#current.push(chunk);
    }
    let end = this.#end;
    for (let i = Math.max(0, length - 4); i < length; i++) end = (end << 8) | (chunk[i] ?? 0);
    this.#end = end;
  }

  /** Whether the last event was too large to be kept. */
  get overflown(): boolean {
    return this.#overflown;
  }

  /** The JSON objects in the data of the last events, newest first. */
  *newest(): Generator<JsonObject> {
    const decoder = new TextDecoder();
    let text = '';
    for (const chunk of this.#previous) text += decoder.decode(chunk, { stream: true });
    for (const chunk of this.#current) text += decoder.decode(chunk, { stream: true });
    const events = text.split(/\r\n\r\n|\n\n|\r\r|\n\r\n/);
    for (let i = events.length - 1; i >= 0; i--) {
      const object = dataOf(events[i] ?? '');
      if (object !== undefined) yield object;
    }
  }
}

/** The index after the last blank line that something follows, or 0. */
function lastEventStart(chunk: Uint8Array): number {
  let i = chunk.length - 1;
  while (i >= 0 && (chunk[i] === lineFeed || chunk[i] === carriageReturn)) i--;
  if (i < 0) return 0; // lastIndexOf would take a negative index from the end
  for (let at = chunk.lastIndexOf(lineFeed, i); at > 0; at = chunk.lastIndexOf(lineFeed, at - 1)) {
    const before = chunk[at - 1];
    if (before === lineFeed) return at + 1;
    if (before === carriageReturn && at > 1 && chunk[at - 2] === lineFeed) return at + 1;
  }
  return 0;
}

function dataOf(event: string): JsonObject | undefined {
  const data: string[] = [];
  for (const line of event.split(/\r\n|\n|\r/)) {
    if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
  }
  const text = data.join('\n');
  const value = text.startsWith('{') ? parseJson(text) : undefined;
  return isJsonObject(value) ? value : undefined;
}

/** No provider sends events of this size; a stream that does is broken or hostile. */
const mostEventLength = 64 * 1024 * 1024;

/**
 * Reads server-sent events incrementally and gives their `data`. Event names and ids are not kept:
 * every wire format repeats the type inside its data. Work is linear in the bytes, however they are
 * cut: only new text is searched for line ends.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseReader {
  readonly #decoder = new TextDecoder();
  /** The beginning of a line whose end has not come yet. */
  #line = '';
  #data: string | undefined;
  /** The last chunk ended with CR: a LF at the beginning of the next one belongs to it. */
  #afterCarriageReturn = false;
  #tooLong = false;

  /** An event was larger than 64 MiB: nothing more is read. */
  get tooLong(): boolean {
    return this.#tooLong;
  }

  push(chunk: Uint8Array): readonly string[] {
    return this.#read(this.#decoder.decode(chunk, { stream: true }));
  }

  /** The stream is over. An event that lacks only its blank line counts: some hosts leave it out. */
  end(): readonly string[] {
    const events = [...this.#read(this.#decoder.decode())];
    if (this.#line !== '') this.#field(this.#line, 0, this.#line.length);
    this.#line = '';
    if (this.#data !== undefined && this.#data !== '') events.push(this.#data);
    this.#data = undefined;
    return events;
  }

  #read(decoded: string): readonly string[] {
    const events: string[] = [];
    const text = this.#withLineFeeds(decoded);
    let end = this.#tooLong ? -1 : text.indexOf('\n');
    if (end === -1) {
      this.#hold(text);
      return events;
    }
    let start = 0;
    if (this.#line !== '') {
      const line = this.#line + text.slice(0, end);
      this.#line = '';
      this.#field(line, 0, line.length);
      start = end + 1;
      end = text.indexOf('\n', start);
    }
    while (end !== -1) {
      if (end === start) {
        if (this.#data !== undefined && this.#data !== '') events.push(this.#data);
        this.#data = undefined;
      } else {
        this.#field(text, start, end);
      }
      start = end + 1;
      end = text.indexOf('\n', start);
    }
    this.#hold(text.slice(start));
    return events;
  }

  #withLineFeeds(decoded: string): string {
    if (decoded === '') return decoded;
    let text = decoded;
    if (this.#afterCarriageReturn && text.startsWith('\n')) text = text.slice(1);
    this.#afterCarriageReturn = decoded.endsWith('\r');
    return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  }

  #field(text: string, start: number, end: number): void {
    if (!text.startsWith('data:', start)) return;
    const value = text.slice(start + (text[start + 5] === ' ' ? 6 : 5), end);
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  #hold(text: string): void {
    if (text !== '') this.#line += text;
    const length = this.#line.length + (this.#data?.length ?? 0);
    if (length <= mostEventLength && !this.#tooLong) return;
    this.#tooLong = true;
    this.#line = '';
    this.#data = undefined;
  }
}

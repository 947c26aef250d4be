const opening = '<think>';
const closing = '</think>';

/** Takes what the tags separate. */
export interface ThinkSink {
  text(delta: string): void;
  thought(delta: string): void;
}

/**
 * Untuned servers send reasoning as `<think>…</think>` at the very beginning of the content. The
 * tags may be cut anywhere; white space around them belongs to the template, not to the texts.
 */
export class ThinkTags {
  readonly #sink: ThinkSink;
  #place: 'start' | 'opened' | 'thought' | 'behind' | 'text' = 'start';
  /** White space in front of everything: the template's, or the text's. */
  #space = '';
  /** What may become a tag. */
  #held = '';

  constructor(sink: ThinkSink) {
    this.#sink = sink;
  }

  push(delta: string): void {
    switch (this.#place) {
      case 'text':
        this.#sink.text(delta);
        return;
      case 'start':
        this.#start(delta);
        return;
      case 'opened':
        this.#opened(delta);
        return;
      case 'thought':
        this.#thought(this.#held + delta);
        return;
      case 'behind':
        this.#behind(delta);
    }
  }

  /** Something else than content follows: what was held back is what it looks like. */
  flush(): void {
    const held = this.#space + this.#held;
    this.#space = '';
    this.#held = '';
    if (this.#place === 'start') this.#place = 'text';
    if (held === '') return;
    if (this.#place === 'thought') this.#sink.thought(held);
    else this.#sink.text(held);
  }

  #start(delta: string): void {
    const text = this.#held + delta;
    const begin = text.trimStart();
    this.#space += text.slice(0, text.length - begin.length);
    this.#held = begin;
    if (begin.startsWith(opening)) {
      this.#space = '';
      this.#held = '';
      this.#place = 'opened';
      this.#opened(begin.slice(opening.length));
    } else if (!opening.startsWith(begin)) {
      this.flush();
    }
  }

  #opened(text: string): void {
    const thought = text.trimStart();
    if (thought === '') return;
    this.#place = 'thought';
    this.#thought(thought);
  }

  #thought(text: string): void {
    const end = text.indexOf(closing);
    if (end !== -1) {
      this.#held = '';
      this.#place = 'behind';
      if (end > 0) this.#sink.thought(text.slice(0, end));
      this.#behind(text.slice(end + closing.length));
      return;
    }
    const tail = tagTail(text);
    this.#held = text.slice(text.length - tail);
    if (tail < text.length) this.#sink.thought(text.slice(0, text.length - tail));
  }

  #behind(text: string): void {
    const rest = text.trimStart();
    if (rest === '') return;
    this.#place = 'text';
    this.#sink.text(rest);
  }
}

/** How many characters at the end may be the beginning of the closing tag. */
function tagTail(text: string): number {
  for (let length = Math.min(closing.length - 1, text.length); length > 0; length--) {
    if (closing.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}

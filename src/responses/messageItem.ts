import { deltaHead, type EventWriter } from './eventWriter.ts';
import { GrowingText } from './growingText.ts';
import { randomId } from './ids.ts';

/** A `message` item while the model writes it. */
export class MessageItem {
  readonly #writer: EventWriter;
  readonly #id = randomId('msg');
  /** Where the item and its one part stand: members that most of its events share. */
  readonly #place: string;
  readonly #at: string;
  readonly #deltaHead: string;
  readonly #text = new GrowingText();

  constructor(writer: EventWriter, index: number) {
    this.#writer = writer;
    this.#at = `"output_index":${index}`;
    this.#place = `"item_id":"${this.#id}",${this.#at},"content_index":0`;
    this.#deltaHead = deltaHead('response.output_text.delta', `${this.#place},"logprobs":[]`);
  }

  open(): string {
    const item = `{"type":"message","id":"${this.#id}","status":"in_progress","role":"assistant","content":[]}`;
    return (
      this.#writer.event('response.output_item.added', `${this.#at},"item":${item}`) +
      this.#writer.event('response.content_part.added', `${this.#place},"part":${part('""')}`)
    );
  }

  delta(text: string): string {
    const shown = this.#text.push(text);
    return shown === '' ? '' : this.#writer.delta(this.#deltaHead, shown);
  }

  close(status: 'completed' | 'incomplete', output: string[]): string {
    const rest = this.#text.finish();
    const text = JSON.stringify(this.#text.text);
    const item = `{"type":"message","id":"${this.#id}","status":"${status}","role":"assistant","content":[${part(text)}]}`;
    output.push(item);
    return (
      (rest === '' ? '' : this.#writer.delta(this.#deltaHead, rest)) +
      this.#writer.event(
        'response.output_text.done',
        `${this.#place},"logprobs":[],"text":${text}`,
      ) +
      this.#writer.event('response.content_part.done', `${this.#place},"part":${part(text)}`) +
      this.#writer.event('response.output_item.done', `${this.#at},"item":${item}`)
    );
  }
}

function part(text: string): string {
  return `{"type":"output_text","text":${text},"annotations":[],"logprobs":[]}`;
}

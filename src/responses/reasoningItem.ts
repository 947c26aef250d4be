import { deltaHead, type EventWriter } from './eventWriter.ts';
import { GrowingText } from './growingText.ts';
import { randomId } from './ids.ts';

/**
 * A `reasoning` item while the model thinks. A summary becomes summary parts, which Codex shows; the
 * model's own chain of thought becomes `content`, which it keeps back unless the user wants it.
 */
export class ReasoningItem {
  readonly #writer: EventWriter;
  readonly #id = randomId('rs');
  readonly #form: Form;
  readonly #at: string;
  /** The parts that are closed, as JSON texts. */
  readonly #parts: string[] = [];
  #text: GrowingText | undefined;
  #deltaHead = '';

  constructor(writer: EventWriter, index: number, kind: 'summary' | 'raw') {
    this.#writer = writer;
    this.#form = forms[kind];
    this.#at = `"output_index":${index}`;
  }

  open(): string {
    const item = `{"type":"reasoning","id":"${this.#id}","summary":[]}`;
    return this.#writer.event('response.output_item.added', `${this.#at},"item":${item}`);
  }

  delta(text: string): string {
    let out = '';
    if (this.#text === undefined) {
      this.#text = new GrowingText();
      this.#deltaHead = deltaHead(this.#form.textDelta, this.#place());
      out = this.#writer.event(this.#form.partAdded, `${this.#place()},"part":${this.#part('""')}`);
    }
    const shown = this.#text.push(text);
    return shown === '' ? out : out + this.#writer.delta(this.#deltaHead, shown);
  }

  /** The next delta begins a new part. */
  endPart(): string {
    if (this.#text === undefined) return '';
    const rest = this.#text.finish();
    const text = JSON.stringify(this.#text.text);
    const out =
      (rest === '' ? '' : this.#writer.delta(this.#deltaHead, rest)) +
      this.#writer.event(this.#form.textDone, `${this.#place()},"text":${text}`) +
      this.#writer.event(this.#form.partDone, `${this.#place()},"part":${this.#part(text)}`);
    this.#parts.push(this.#part(text));
    this.#text = undefined;
    return out;
  }

  close(encrypted: string, output: string[]): string {
    const out = this.endPart();
    const parts = `[${this.#parts.join(',')}]`;
    const texts =
      this.#form === forms.summary
        ? `"summary":${parts}`
        : `"summary":[]${this.#parts.length === 0 ? '' : `,"content":${parts}`}`;
    const item = `{"type":"reasoning","id":"${this.#id}",${texts},"encrypted_content":${JSON.stringify(encrypted)}}`;
    output.push(item);
    return out + this.#writer.event('response.output_item.done', `${this.#at},"item":${item}`);
  }

  #place(): string {
    return `"item_id":"${this.#id}",${this.#at},"${this.#form.index}":${this.#parts.length}`;
  }

  #part(text: string): string {
    return `{"type":"${this.#form.part}","text":${text}}`;
  }
}

interface Form {
  readonly part: string;
  readonly index: string;
  readonly partAdded: string;
  readonly textDelta: string;
  readonly textDone: string;
  readonly partDone: string;
}

const forms: { readonly summary: Form; readonly raw: Form } = {
  summary: {
    part: 'summary_text',
    index: 'summary_index',
    partAdded: 'response.reasoning_summary_part.added',
    textDelta: 'response.reasoning_summary_text.delta',
    textDone: 'response.reasoning_summary_text.done',
    partDone: 'response.reasoning_summary_part.done',
  },
  raw: {
    part: 'reasoning_text',
    index: 'content_index',
    partAdded: 'response.content_part.added',
    textDelta: 'response.reasoning_text.delta',
    textDone: 'response.reasoning_text.done',
    partDone: 'response.content_part.done',
  },
};

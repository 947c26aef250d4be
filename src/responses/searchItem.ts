import type { EventWriter } from './eventWriter.ts';
import { randomId } from './ids.ts';

/** A web search while it runs. Codex shows the item, and a search whose end never comes is forgotten. */
export class SearchItem {
  readonly #writer: EventWriter;
  readonly #id = randomId('ws');
  readonly #at: string;
  readonly #action: string;

  constructor(writer: EventWriter, index: number, query: string) {
    this.#writer = writer;
    this.#at = `"output_index":${index}`;
    this.#action = JSON.stringify({ type: 'search', query: query.toWellFormed() });
  }

  open(): string {
    const item = this.#item('in_progress');
    return (
      this.#writer.event('response.output_item.added', `${this.#at},"item":${item}`) +
      this.#progress('in_progress') +
      this.#progress('searching')
    );
  }

  close(ok: boolean, output: string[]): string {
    const item = this.#item(ok ? 'completed' : 'failed');
    output.push(item);
    return (
      this.#progress('completed') +
      this.#writer.event('response.output_item.done', `${this.#at},"item":${item}`)
    );
  }

  #progress(state: 'in_progress' | 'searching' | 'completed'): string {
    return this.#writer.event(
      `response.web_search_call.${state}`,
      `"item_id":"${this.#id}",${this.#at}`,
    );
  }

  #item(status: 'in_progress' | 'completed' | 'failed'): string {
    return `{"type":"web_search_call","id":"${this.#id}","status":"${status}","action":${this.#action}}`;
  }
}

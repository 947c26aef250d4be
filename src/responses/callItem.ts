import { deltaHead, type EventWriter } from './eventWriter.ts';
import { GrowingText } from './growingText.ts';
import { randomId } from './ids.ts';
import { InputPreview } from './inputPreview.ts';
import type { ToolOrigin } from './reply.ts';
import { type RestoredCall, restoreCall } from './tools.ts';

/**
 * A tool call while the model writes it, in the kind in which the client declared the tool. Codex
 * runs the tool when the item is done, so `close` is only for calls that are complete.
 */
export class CallItem {
  readonly #writer: EventWriter;
  readonly #origin: ToolOrigin;
  readonly #callId: string;
  readonly #id: string;
  readonly #at: string;
  readonly #place: string;
  readonly #deltaHead: string;
  readonly #preview: InputPreview | undefined;
  /** What the model wrote. */
  #arguments = '';
  /** What has been shown of it. */
  readonly #shown = new GrowingText();

  constructor(writer: EventWriter, index: number, callId: string, origin: ToolOrigin) {
    this.#writer = writer;
    this.#origin = origin;
    this.#callId = callId;
    const { prefix, delta } = forms[origin.kind];
    this.#id = randomId(prefix);
    this.#at = `"output_index":${index}`;
    this.#place = `"item_id":"${this.#id}",${this.#at}`;
    this.#deltaHead = deltaHead(delta, this.#place);
    this.#preview = origin.kind === 'custom' ? new InputPreview() : undefined;
  }

  open(): string {
    const item = this.#item(forms[this.#origin.kind].empty, 'in_progress');
    return this.#writer.event('response.output_item.added', `${this.#at},"item":${item}`);
  }

  delta(text: string): string {
    this.#arguments += text;
    // A search has no deltas in the protocol.
    if (this.#origin.kind === 'tool_search') return '';
    const shown = this.#shown.push(this.#preview === undefined ? text : this.#preview.push(text));
    return shown === '' ? '' : this.#writer.delta(this.#deltaHead, shown);
  }

  close(output: string[]): string {
    const call = restoreCall(this.#origin, this.#arguments);
    const item = this.#item(call, 'completed');
    output.push(item);
    return (
      this.#done(call) +
      this.#writer.event('response.output_item.done', `${this.#at},"item":${item}`)
    );
  }

  #done(call: RestoredCall): string {
    switch (call.type) {
      case 'function_call':
        return (
          this.#rest(call.arguments) +
          this.#writer.event(
            'response.function_call_arguments.done',
            `${this.#place},"name":${JSON.stringify(this.#origin.name)},"arguments":${JSON.stringify(call.arguments)}`,
          )
        );
      case 'custom_tool_call':
        return (
          this.#rest(call.input) +
          this.#writer.event(
            'response.custom_tool_call_input.done',
            `${this.#place},"input":${JSON.stringify(call.input)}`,
          )
        );
      case 'tool_search_call':
        return '';
    }
  }

  /** What nobody has seen yet; a text that was shown in another form is corrected by `done` alone. */
  #rest(final: string): string {
    const shown = this.#shown.text;
    if (shown.length >= final.length || !final.startsWith(shown)) return '';
    return this.#writer.delta(this.#deltaHead, final.slice(shown.length));
  }

  #item(call: RestoredCall, status: 'in_progress' | 'completed'): string {
    const { type, ...content } = call;
    return JSON.stringify({
      type,
      id: this.#id,
      status,
      call_id: this.#callId,
      ...(type === 'tool_search_call' ? { execution: 'client' } : named(this.#origin)),
      ...content,
    });
  }
}

function named(origin: ToolOrigin): { readonly name: string; readonly namespace?: string } {
  return origin.kind === 'tool_search' || origin.namespace === undefined
    ? { name: origin.name }
    : { name: origin.name, namespace: origin.namespace };
}

interface Form {
  readonly prefix: string;
  readonly delta: string;
  readonly empty: RestoredCall;
}

const forms: Readonly<Record<ToolOrigin['kind'], Form>> = {
  function: {
    prefix: 'fc',
    delta: 'response.function_call_arguments.delta',
    empty: { type: 'function_call', arguments: '' },
  },
  custom: {
    prefix: 'ctc',
    delta: 'response.custom_tool_call_input.delta',
    empty: { type: 'custom_tool_call', input: '' },
  },
  tool_search: { prefix: 'tsc', delta: '', empty: { type: 'tool_search_call', arguments: {} } },
};

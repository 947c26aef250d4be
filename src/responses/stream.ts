import { type TurnError, turnError } from '../turn/error.ts';
import type { FinishReason, FoundSearch, TurnEvent, Usage } from '../turn/event.ts';
import type { Json } from '../turn/turn.ts';
import { CallItem } from './callItem.ts';
import { errorEvent, streamFailure } from './errors.ts';
import { EventWriter } from './eventWriter.ts';
import { callIdFor, randomId } from './ids.ts';
import { MessageItem } from './messageItem.ts';
import { sealReasoning, sealSearch, sealSummary } from './reasoning.ts';
import { ReasoningItem } from './reasoningItem.ts';
import type { ReplyContext } from './reply.ts';
import { SearchItem } from './searchItem.ts';
import {
  type ConstantMembers,
  constantMembers,
  type ResponseState,
  type ResponseStatus,
  responseJson,
  seconds,
} from './snapshot.ts';
import { StructuredText } from './structuredText.ts';
import { originOf } from './tools.ts';

/**
 * Writes a provider's answer as the event stream of the Responses API. One item is open at a time,
 * because Codex gives a delta to whatever item is open. `output_item.done` is what counts for Codex:
 * it runs a tool the moment it sees one, and it keeps a message for good, so a failed answer closes
 * nothing that was open.
 */
export class ResponseStream {
  readonly #reply: ReplyContext;
  readonly #writer = new EventWriter();
  readonly #id = randomId('resp');
  readonly #createdAt = seconds();
  readonly #constant: ConstantMembers;
  readonly #output: string[] = [];
  readonly #callIds = new Set<string>();
  /** Only where the answer must be JSON. */
  readonly #structured: StructuredText | undefined;
  #index = 0;
  #opened = false;
  #item: MessageItem | ReasoningItem | CallItem | SearchItem | undefined;
  /** White space before the first word: a message of nothing else is never written. */
  #lead = '';
  #reasoningKind: 'summary' | 'raw' = 'summary';
  #summary = '';
  #status: ResponseStatus = 'in_progress';
  #incompleteReason: ResponseState['incompleteReason'];
  #endTurn = true;
  #usage: Usage | undefined;
  #error: TurnError | undefined;

  constructor(reply: ReplyContext) {
    this.#reply = reply;
    this.#constant = constantMembers(reply);
    const { form, provider } = reply;
    this.#structured = form === undefined ? undefined : new StructuredText(form, provider);
  }

  /** Nothing more will be written; the connection should be closed. */
  get ended(): boolean {
    return this.#status !== 'in_progress';
  }

  get status(): ResponseStatus {
    return this.#status;
  }

  get usage(): Usage | undefined {
    return this.#usage;
  }

  get error(): TurnError | undefined {
    return this.#error;
  }

  /** The first events. The other methods write them too where that has not happened. */
  open(): string {
    if (this.#opened) return '';
    this.#opened = true;
    const response = `"response":${this.snapshot()}`;
    return (
      this.#writer.event('response.created', response) +
      this.#writer.event('response.in_progress', response)
    );
  }

  write(events: readonly TurnEvent[]): string {
    let out = this.open();
    for (const event of events) {
      if (this.ended) break;
      if (this.#structured === undefined) out += this.#apply(event);
      else for (const passed of this.#structured.pass(event)) out += this.#apply(passed);
    }
    return out;
  }

  /** An event that means nothing, but is one: comments do not keep Codex waiting. */
  keepAlive(): string {
    if (this.ended) return '';
    return this.#opened ? this.#response('response.in_progress') : this.open();
  }

  fail(error: TurnError): string {
    if (this.ended) return '';
    const out = this.open();
    this.#item = undefined;
    this.#error = error;
    this.#status = 'failed';
    // Codex skips this event; some SDKs would take a failed answer for a whole one without it.
    const said = this.#writer.event('error', JSON.stringify(errorEvent(error)).slice(1, -1));
    return out + said + this.#response('response.failed');
  }

  /** The Response object as it is now, as JSON text. A stream's snapshots leave out the tools, which may be long. */
  snapshot(toolsJson = '[]'): string {
    return responseJson(this.#id, this.#createdAt, this.#constant, {
      status: this.#status,
      error: this.#error === undefined ? undefined : streamFailure(this.#error),
      incompleteReason: this.#incompleteReason,
      output: this.#output,
      usage: this.#usage,
      endTurn: this.#endTurn,
      toolsJson,
    });
  }

  #response(type: string): string {
    return this.#writer.event(type, `"response":${this.snapshot()}`);
  }

  #apply(event: TurnEvent): string {
    switch (event.type) {
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'finish':
        return this.#finish(event.reason);
      case 'error':
        return this.fail(event.error);
      default:
        if (!this.#reply.compaction) return this.#content(event);
        if (event.type === 'text.delta') this.#summary += event.text;
        return '';
    }
  }

  #content(event: Exclude<TurnEvent, { type: 'usage' | 'finish' | 'error' }>): string {
    switch (event.type) {
      case 'text.delta':
        return this.#text(event.text);
      case 'reasoning.delta':
        return this.#reasoning(event.text);
      case 'call.delta':
        return this.#item instanceof CallItem ? this.#item.delta(event.arguments) : '';
      // Text blocks that follow each other are one message, so it stays open until something else comes.
      case 'text.start':
      case 'text.end':
        return '';
      case 'reasoning.start':
        this.#reasoningKind = event.kind;
        return this.#close('completed');
      case 'reasoning.part':
        return this.#item instanceof ReasoningItem ? this.#item.endPart() : '';
      case 'reasoning.end':
        return this.#endReasoning(event.carry);
      case 'call.start': {
        // Half a character would cost Codex the whole event, and the call with it.
        const callId = callIdFor(event.callId?.toWellFormed(), this.#callIds);
        this.#callIds.add(callId);
        const origin = originOf(event.name.toWellFormed(), this.#reply.tools, this.#reply.deferred);
        const closed = this.#close('completed');
        const item = new CallItem(this.#writer, this.#index++, callId, origin);
        this.#item = item;
        return closed + item.open();
      }
      case 'search.start': {
        const closed = this.#close('completed');
        const item = new SearchItem(this.#writer, this.#index++, event.query);
        this.#item = item;
        return closed + item.open();
      }
      case 'search.end': {
        if (!(this.#item instanceof SearchItem)) return '';
        const item = this.#item;
        this.#item = undefined;
        return item.close(event.ok, this.#output) + this.#keptSearch(event.found);
      }
      case 'call.end': {
        if (!(this.#item instanceof CallItem)) return '';
        const item = this.#item;
        this.#item = undefined;
        return item.close(this.#output);
      }
    }
  }

  #text(text: string): string {
    if (this.#item instanceof MessageItem) return this.#item.delta(text);
    this.#lead += text;
    if (!/\S/.test(text)) return '';
    const closed = this.#close('completed', this.#lead);
    const item = new MessageItem(this.#writer, this.#index++);
    this.#item = item;
    return closed + item.open() + item.delta(this.#takeLead());
  }

  #reasoning(text: string): string {
    if (this.#item instanceof ReasoningItem) return this.#item.delta(text);
    if (text === '') return '';
    const closed = this.#close('completed');
    const item = new ReasoningItem(this.#writer, this.#index++, this.#reasoningKind);
    this.#item = item;
    return closed + item.open() + item.delta(text);
  }

  #endReasoning(carry: Json | undefined): string {
    let out = '';
    if (!(this.#item instanceof ReasoningItem)) {
      if (carry === undefined) return '';
      out = this.#close('completed');
      this.#item = new ReasoningItem(this.#writer, this.#index++, this.#reasoningKind);
      out += this.#item.open();
    }
    const item = this.#item;
    this.#item = undefined;
    return out + item.close(this.#seal(carry), this.#output);
  }

  /** Codex gives a search's item back without what it found, and a reasoning item as it is. */
  #keptSearch(found: FoundSearch): string {
    const item = new ReasoningItem(this.#writer, this.#index++, 'summary');
    return item.open() + item.close(sealSearch(found), this.#output);
  }

  #seal(carry: Json | undefined): string {
    return sealReasoning(this.#reply.provider, this.#reply.model, carry);
  }

  /** Finishes what is open; a call that is not complete is dropped. */
  #close(status: 'completed' | 'incomplete', lead = ''): string {
    const item = this.#item;
    this.#item = undefined;
    this.#lead = lead;
    if (item instanceof MessageItem) return item.close(status, this.#output);
    if (item instanceof ReasoningItem) return item.close(this.#seal(undefined), this.#output);
    return '';
  }

  #takeLead(): string {
    const lead = this.#lead;
    this.#lead = '';
    return lead;
  }

  #finish(reason: FinishReason): string {
    const { compaction, provider } = this.#reply;
    if (this.#item instanceof CallItem && (reason === 'stop' || reason === 'pause'))
      return this.fail(
        turnError('cut', `${provider}: the answer ended in the middle of a tool call. Try again.`),
      );
    if (
      compaction &&
      reason !== 'length' &&
      (reason === 'content_filter' || this.#summary.trim() === '')
    )
      return this.fail(
        turnError(
          'upstream',
          `${provider}: the model gave no summary of the conversation. Try again, or use another model.`,
        ),
      );

    let out = '';
    if (reason === 'content_filter') out += this.#withheld();
    out += this.#close(reason === 'length' ? 'incomplete' : 'completed');
    if (reason === 'length') {
      this.#status = 'incomplete';
      this.#incompleteReason = 'max_output_tokens';
      return out + this.#response('response.incomplete');
    }
    if (compaction) out += this.#compactionItem();
    this.#status = 'completed';
    this.#endTurn = reason !== 'pause';
    return out + this.#response('response.completed');
  }

  /**
   * `response.incomplete` with `content_filter` would make Codex ask five times more and keep every
   * partial answer, so the user is told in words.
   */
  #withheld(): string {
    const gap = this.#item instanceof MessageItem ? '\n\n' : '';
    if (this.#item instanceof CallItem) this.#item = undefined;
    return this.#text(
      `${gap}[${this.#reply.provider} withheld the rest of this answer (content filter).]`,
    );
  }

  #compactionItem(): string {
    const at = `"output_index":${this.#index++}`;
    const item = JSON.stringify({
      type: 'compaction',
      id: randomId('cmp'),
      encrypted_content: sealSummary(this.#summary.toWellFormed()),
    });
    this.#output.push(item);
    return (
      this.#writer.event('response.output_item.added', `${at},"item":${item}`) +
      this.#writer.event('response.output_item.done', `${at},"item":${item}`)
    );
  }
}

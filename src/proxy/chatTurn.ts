import { adapterFor } from '../adapters/registry.ts';
import type { Target } from '../adapters/target.ts';
import type { ChatTurnEnd } from '../link/chatTurn.ts';
import { openReasoning, sealReasoning } from '../responses/reasoning.ts';
import type { SidecarCall } from '../sidecars/sidecarCall.ts';
import type { Vision } from '../sidecars/vision.ts';
import { Additions, boundedAdditions } from '../turn/additions.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import type { TurnEvent, Usage } from '../turn/event.ts';
import type { AssistantMessage, Message, Turn } from '../turn/turn.ts';
import type { AskedTurn } from './askedTurn.ts';
import type { AttemptLink } from './attemptLink.ts';
import { type Answer, lingerMs } from './clientTurn.ts';
import type { Preparation } from './preparedRequest.ts';
import type { Preparing } from './preparing.ts';
import type { RequestRecord } from './requestLog.ts';
import { type Sink, TranslatedAnswer } from './translatedAnswer.ts';
import type { Exchange, Upstream, UpstreamRequest } from './upstream.ts';

export interface ChatTurnOptions {
  readonly record: RequestRecord;
  readonly turn: Turn;
  /** Tells images in words to models that read text only. */
  readonly vision: Vision;
  redact(text: string): string;
  events(events: readonly TurnEvent[]): void;
  ended(end: ChatTurnEnd): void;
}

/** A turn of the editor's own chat: its events go to the window, and nothing of it is HTTP. */
export class ChatTurn implements AskedTurn, Sink {
  readonly record: RequestRecord;
  readonly #options: ChatTurnOptions;
  readonly #stopped = new AbortController();
  #exchange: Exchange | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  #target: Target | undefined;
  #answered: (() => void) | undefined;
  #usage: Usage | undefined;
  #committed = false;
  #over = false;

  constructor(options: ChatTurnOptions) {
    this.#options = options;
    this.record = options.record;
  }

  get over(): boolean {
    return this.#over;
  }

  get committed(): boolean {
    return this.#committed;
  }

  /** Puts the turn into a provider's words. */
  async prepare(preparing: Omit<Preparing, 'turn' | 'codec'>): Promise<Preparation> {
    const { target, body } = preparing;
    const { turn, vision } = this.#options;
    const messages = turn.messages.map((message) => unsealed(message, target));
    const additions = new Additions();
    const asked = { ...turn, model: target.model, messages };
    const shown =
      target.traits.vision === false
        ? await vision.inWords(asked, additions, this.#stopped.signal, (call) => this.#note(call))
        : asked;
    const adapter = adapterFor(target.wire);
    const encoded = adapter.encode(shown, target);
    this.record.additions = boundedAdditions([...additions.list, ...encoded.additions]);
    const request = {
      label: target.label,
      url: encoded.url,
      headers: { 'accept-encoding': 'identity', ...encoded.headers },
      body: Buffer.from(encoded.body),
    };
    const prepared = {
      request,
      answer: (link: AttemptLink): Answer => {
        this.#target = target;
        this.#answered = () => link.answered();
        return new TranslatedAnswer(this, { adapter, target, link }, this);
      },
    };
    return { ok: true, prepared, body };
  }

  start(upstream: Upstream, request: UpstreamRequest, answer: Answer): void {
    if (this.#over) return;
    const exchange = upstream.send(request, answer);
    if (this.#over) exchange.abort();
    else this.#exchange = exchange;
  }

  letGo(): void {}

  endAttempt(): void {
    this.#exchange?.abort();
    this.#exchange = undefined;
  }

  upstreamEnded(): void {
    this.#exchange = undefined;
    clearTimeout(this.#linger);
  }

  wait(ms: number, then: () => void): void {
    clearTimeout(this.#waiting);
    if (!this.#over) this.#waiting = setTimeout(then, ms);
  }

  write(events: readonly TurnEvent[]): void {
    if (this.#over) return;
    if (!this.#committed) {
      this.#committed = true;
      this.record.firstToken();
      this.#answered?.();
    }
    this.#options.events(events.map((event) => this.#sealed(event)));
    for (const event of events) {
      if (event.type === 'usage') this.#usage = event.usage;
      if (event.type !== 'finish') continue;
      const status = event.reason === 'length' ? 'incomplete' : 'completed';
      this.#end(status, undefined);
    }
  }

  /** Of an answer that has begun. */
  fail(error: TurnError): void {
    this.#end('failed', error);
  }

  reject(error: TurnError): void {
    this.#end('failed', error);
  }

  stop(error: TurnError): void {
    this.#end('failed', error);
  }

  /** The window does not want it any more. */
  abort(): void {
    this.#end('aborted', turnError('cut', 'The request was cancelled.'));
  }

  clean(error: TurnError): TurnError {
    return { ...error, message: this.#options.redact(error.message) };
  }

  beat(): void {
    // The window sees that the thread is there.
  }

  #note(call: SidecarCall): void {
    const { error } = call;
    const { redact } = this.#options;
    this.record.sidecars.push(error === undefined ? call : { ...call, error: redact(error) });
  }

  #sealed(event: TurnEvent): TurnEvent {
    const target = this.#target;
    if (event.type !== 'reasoning.end' || event.carry === undefined || target === undefined) {
      return event;
    }
    return { ...event, carry: sealReasoning(target.provider, target.model, event.carry) };
  }

  /** The connection is kept where the provider ends its answer as well. */
  #endLater(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#linger = setTimeout(() => exchange.abort(), lingerMs);
    this.#linger.unref();
  }

  #end(status: 'completed' | 'incomplete' | 'failed' | 'aborted', error: TurnError | undefined) {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#waiting);
    this.#stopped.abort();
    if (error === undefined) this.#endLater();
    else this.endAttempt();
    const { record } = this;
    record.status = status;
    record.usage = this.#usage;
    record.error = status === 'failed' ? error?.message : undefined;
    record.totalMs = Date.now() - record.startedAt;
    this.#options.ended(
      error === undefined ? { ok: true, usage: this.#usage } : { ok: false, error },
    );
  }
}

/** Reasoning goes back to the provider and model family that gave it, else only its text. */
function unsealed(message: Message, { provider, model, forgetReasoning }: Target): Message {
  if (message.role !== 'assistant') return message;
  const content = message.content.flatMap((part): AssistantMessage['content'] => {
    if (part.type !== 'reasoning') return [part];
    if (forgetReasoning === true || typeof part.carry !== 'string') return [];
    const carry = openReasoning(part.carry, provider, model);
    return carry === undefined ? [] : [{ ...part, carry }];
  });
  return { role: 'assistant', content };
}

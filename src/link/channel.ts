import { reasonOf } from '../language/reason.ts';
/**
 * Typed requests, replies and notes over anything that posts messages: a worker, its parent, a
 * webview. Each side reads what comes in with guards: the other side may be of another version.
 */

/** A Worker or a MessagePort of node:worker_threads, as far as a channel needs it. */
export interface Port {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

export type Guard<T> = (value: unknown) => value is T;

type RequestMap<R> = { readonly [K in keyof R]: readonly [request: unknown, reply: unknown] };

/** How every message of a link is recognised. */
export interface Protocol<R extends RequestMap<R>, N> {
  readonly requests: {
    readonly [K in keyof R]: {
      readonly request: Guard<R[K][0]>;
      readonly reply: Guard<R[K][1]>;
    };
  };
  readonly notes: { readonly [K in keyof N]: Guard<N[K]> };
}

type Message =
  | {
      readonly kind: 'request';
      readonly id: number;
      readonly name: string;
      readonly value: unknown;
    }
  | { readonly kind: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly reason: string }
  | { readonly kind: 'note'; readonly name: string; readonly value: unknown };

export type Handlers<R extends RequestMap<R>> = {
  readonly [K in keyof R]: (request: R[K][0]) => R[K][1] | Promise<R[K][1]>;
};

export type NoteListeners<N> = { readonly [K in keyof N]?: (note: N[K]) => void };

/** The side that serves requests and sends notes. */
export class ChannelServer<R extends RequestMap<R>, N> {
  readonly #port: Port;
  readonly #protocol: Protocol<R, N>;
  readonly #handlers: Handlers<R>;
  readonly #listener = (message: unknown): void => {
    if (isMessage(message) && message.kind === 'request') void this.#serve(message);
  };

  constructor(port: Port, protocol: Protocol<R, N>, handlers: Handlers<R>) {
    this.#port = port;
    this.#protocol = protocol;
    this.#handlers = handlers;
    port.on('message', this.#listener);
  }

  note<K extends keyof N & string>(name: K, value: N[K]): void {
    this.#post({ kind: 'note', name, value });
  }

  dispose(): void {
    this.#port.off('message', this.#listener);
  }

  async #serve({ id, name, value }: Extract<Message, { kind: 'request' }>): Promise<void> {
    if (!has(this.#protocol.requests, name)) {
      this.#post({ kind: 'refusal', id, reason: `There is no request "${name}".` });
      return;
    }
    try {
      this.#post({ kind: 'reply', id, value: await this.#answer(name, value) });
    } catch (thrown) {
      this.#post({ kind: 'refusal', id, reason: reasonOf(thrown) });
    }
  }

  #answer<K extends keyof R & string>(name: K, value: unknown): R[K][1] | Promise<R[K][1]> {
    if (!this.#protocol.requests[name].request(value)) {
      throw new Error(`The request "${name}" is malformed.`);
    }
    return this.#handlers[name](value);
  }

  #post(message: Message): void {
    this.#port.postMessage(message);
  }
}

interface Pending {
  readonly settle: (value: unknown) => void;
  readonly refuse: (reason: Error) => void;
}

/** The side that asks and listens. */
export class ChannelClient<R extends RequestMap<R>, N> {
  readonly #port: Port;
  readonly #protocol: Protocol<R, N>;
  readonly #listeners: NoteListeners<N>;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #closed: string | undefined;
  readonly #listener = (message: unknown): void => {
    if (isMessage(message)) this.#take(message);
  };

  constructor(port: Port, protocol: Protocol<R, N>, listeners: NoteListeners<N>) {
    this.#port = port;
    this.#protocol = protocol;
    this.#listeners = listeners;
    port.on('message', this.#listener);
  }

  /** Rejects when the other side refuses or goes away. */
  request<K extends keyof R & string>(name: K, value: R[K][0]): Promise<R[K][1]> {
    if (this.#closed !== undefined) return Promise.reject(new Error(this.#closed));
    const { promise, resolve, reject } = Promise.withResolvers<R[K][1]>();
    const id = this.#nextId++;
    const { reply } = this.#protocol.requests[name];
    this.#pending.set(id, {
      settle: (answer) => {
        if (reply(answer)) resolve(answer);
        else reject(new Error(`The reply to "${name}" is malformed.`));
      },
      refuse: reject,
    });
    const message: Message = { kind: 'request', id, name, value };
    this.#port.postMessage(message);
    return promise;
  }

  /** The other side has gone: whoever waits is told why, and later requests too. */
  close(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#port.off('message', this.#listener);
    for (const { refuse } of this.#pending.values()) refuse(new Error(reason));
    this.#pending.clear();
  }

  #take(message: Message): void {
    switch (message.kind) {
      case 'reply':
        this.#pending.get(message.id)?.settle(message.value);
        this.#pending.delete(message.id);
        break;
      case 'refusal':
        this.#pending.get(message.id)?.refuse(new Error(message.reason));
        this.#pending.delete(message.id);
        break;
      case 'note':
        if (has(this.#protocol.notes, message.name)) this.#hear(message.name, message.value);
        break;
      case 'request':
        break;
    }
  }

  #hear<K extends keyof N & string>(name: K, value: unknown): void {
    if (this.#protocol.notes[name](value)) this.#listeners[name]?.(value);
  }
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  const numbered = 'id' in value && typeof value.id === 'number';
  const named = 'name' in value && typeof value.name === 'string';
  switch (value.kind) {
    case 'request':
      return numbered && named;
    case 'reply':
      return numbered;
    case 'refusal':
      return numbered && 'reason' in value && typeof value.reason === 'string';
    case 'note':
      return named;
    default:
      return false;
  }
}

function has<T extends object>(map: T, name: string): name is keyof T & string {
  return Object.hasOwn(map, name);
}

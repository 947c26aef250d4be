import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { at, isRecord, type JsonRecord } from './json.ts';
import { until } from './until.ts';

/** A message that the other side sent unasked: a notification, or a request that wants an answer. */
export interface Notice {
  readonly method: string;
  readonly params: unknown;
}

/** JSON-RPC by lines, as `codex app-server` and MCP servers speak it on their pipes. */
export class JsonRpc {
  /** Everything that came unasked, in order. */
  readonly notices: Notice[] = [];
  readonly #output: Writable;
  readonly #answers = new Map<number, JsonRecord>();
  readonly #extra: object;
  #lastId = 0;

  /** `extra` is added to each message, e.g. `jsonrpc: "2.0"`. */
  constructor(input: Readable, output: Writable, extra: object = {}) {
    this.#output = output;
    this.#extra = extra;
    // A peer that has gone is noticed by its missing answers.
    output.on('error', () => {});
    createInterface({ input }).on('line', (line) => this.#receive(line));
  }

  async request(method: string, params: object = {}): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#send({ id, method, params });
    const answer = await until(`the answer to ${method}`, () => this.#answers.get(id));
    this.#answers.delete(id);
    if ('error' in answer) throw new Error(`${method}: ${JSON.stringify(answer['error'])}`);
    return answer['result'];
  }

  notify(method: string): void {
    this.#send({ method });
  }

  /** The first notice of this method after `from` for which `fits` holds. */
  notice(
    method: string,
    fits: (params: unknown) => boolean = () => true,
    from = 0,
  ): Promise<unknown> {
    return until(`the notice ${method}`, () => {
      const found = this.notices
        .slice(from)
        .find((notice) => notice.method === method && fits(notice.params));
      return found === undefined ? undefined : (found.params ?? {});
    });
  }

  #send(message: object): void {
    this.#output.write(`${JSON.stringify({ ...this.#extra, ...message })}\n`);
  }

  #receive(line: string): void {
    const message: unknown = JSON.parse(line);
    const id = at(message, 'id');
    const method = at(message, 'method');
    if (typeof method === 'string') {
      this.notices.push({ method, params: at(message, 'params') });
      if (id !== undefined) this.#send({ id, result: { decision: 'accept' } });
    } else if (typeof id === 'number' && isRecord(message)) {
      this.#answers.set(id, message);
    }
  }
}

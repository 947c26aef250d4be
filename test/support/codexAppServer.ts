import { at } from './json.ts';
import type { JsonRpc } from './jsonRpc.ts';

/** A client of `codex app-server`. */
export class AppServer {
  readonly rpc: JsonRpc;
  readonly #work: string;

  constructor(rpc: JsonRpc, work: string) {
    this.rpc = rpc;
    this.#work = work;
  }

  async startThread(): Promise<string> {
    const started = await this.rpc.request('thread/start', {
      cwd: this.#work,
      approvalPolicy: 'never',
      sandbox: 'danger-full-access',
    });
    return String(at(started, 'thread', 'id'));
  }

  /** With a `model` the thread changes to it. */
  async startTurn(threadId: string, text: string, model?: string): Promise<AppTurn> {
    const from = this.rpc.notices.length;
    const started = await this.rpc.request('turn/start', {
      threadId,
      ...(model !== undefined && { model }),
      input: [{ type: 'text', text, text_elements: [] }],
    });
    return new AppTurn(this.rpc, threadId, String(at(started, 'turn', 'id')), from);
  }
}

/** One turn of a thread, as an editor would follow it. */
export class AppTurn {
  readonly #rpc: JsonRpc;
  readonly #threadId: string;
  readonly #id: string;
  readonly #from: number;

  constructor(rpc: JsonRpc, threadId: string, id: string, from: number) {
    this.#rpc = rpc;
    this.#threadId = threadId;
    this.#id = id;
    this.#from = from;
  }

  /** Deltas of one kind so far, e.g. `item/agentMessage/delta`. */
  deltas(method: string): readonly string[] {
    return this.#rpc.notices
      .slice(this.#from)
      .filter((notice) => notice.method === method)
      .map((notice) => String(at(notice.params, 'delta')));
  }

  /** The finished items so far. */
  items(type: string): readonly unknown[] {
    return this.#rpc.notices
      .slice(this.#from)
      .filter((notice) => notice.method === 'item/completed')
      .map((notice) => at(notice.params, 'item'))
      .filter((item) => at(item, 'type') === type);
  }

  async interrupt(): Promise<void> {
    await this.#rpc.request('turn/interrupt', { threadId: this.#threadId, turnId: this.#id });
  }

  /** Waits for the turn's end. */
  async completed(): Promise<unknown> {
    const params = await this.#rpc.notice(
      'turn/completed',
      (notice) => at(notice, 'turn', 'id') === this.#id,
      this.#from,
    );
    return at(params, 'turn');
  }
}

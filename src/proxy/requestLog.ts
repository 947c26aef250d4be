import { randomUUID } from 'node:crypto';
import { keepNewest } from '../language/keepNewest.ts';
import type { RequestDetail } from '../link/api/requestsApi.ts';
import type { RequestSummary } from '../link/state.ts';
import type { SidecarCall } from '../sidecars/sidecarCall.ts';
import type { PromptAddition } from '../turn/additions.ts';
import type { Usage } from '../turn/event.ts';
import type { RequestJournal } from './requestJournal.ts';

/** Enough for a busy day; each is a few hundred bytes. */
const capacity = 5_000;

/** A client may name a model as it likes, and a provider may say what it likes. */
const mostName = 300;
const mostText = 2_000;

function clipped(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

export type Ending = Exclude<RequestSummary['status'], 'running'>;

/** One time that a model was asked for the turn. */
export interface Attempt {
  readonly model: string;
  /** Before it was asked. */
  readonly waitedMs: number;
  /** Why it gave no answer. */
  readonly error: string | undefined;
}

const endings: Readonly<Record<RequestSummary['status'], string>> = {
  running: 'It goes on.',
  completed: 'Finished.',
  incomplete: 'Ended before it was finished.',
  failed: 'Failed.',
  aborted: 'The client left.',
};

/** One turn as it goes; what it tells others is a `RequestSummary`. */
export class RequestRecord {
  readonly id: string;
  readonly startedAt = Date.now();
  /** The one that answers, or was asked last. */
  model: string;
  provider: string;
  /** Mostly one. */
  readonly attempts: Attempt[] = [];
  status: RequestSummary['status'] = 'running';
  error: string | undefined;
  firstTokenMs: number | undefined;
  totalMs: number | undefined;
  usage: Usage | undefined;
  /** The texts of ours in its prompt; nothing of what the client said. */
  additions: readonly PromptAddition[] = [];
  /** Calls beside the turn. */
  readonly sidecars: SidecarCall[] = [];
  readonly #timeline: { at: number; what: string }[] = [];

  constructor(id: string, model: string, provider: string) {
    this.id = id;
    this.model = clipped(model, mostName);
    this.provider = provider;
  }

  /** Something that a user may want to know happened now. */
  mark(what: string): void {
    this.#timeline.push({ at: Date.now() - this.startedAt, what: clipped(what, mostText) });
  }

  /** Another model is asked, or the same one again. */
  attemptBegins(model: string, waitedMs: number): void {
    const waited = Math.round(waitedMs);
    this.attempts.push({ model: clipped(model, mostName), waitedMs: waited, error: undefined });
  }

  attemptFailed(error: string): void {
    this.mark(`No answer: ${error}`);
    const last = this.attempts.pop();
    if (last !== undefined) this.attempts.push({ ...last, error: clipped(error, mostText) });
  }

  /** The answer says something; only the first time counts. */
  firstToken(): void {
    if (this.firstTokenMs !== undefined) return;
    this.firstTokenMs = Date.now() - this.startedAt;
    this.mark('The first words came.');
  }

  /** Another model answers in place of the one that was asked. */
  moveTo(model: string, provider: string): void {
    this.model = clipped(model, mostName);
    this.provider = provider;
  }

  summary(): RequestSummary {
    return {
      id: this.id,
      startedAt: this.startedAt,
      model: this.model,
      provider: this.provider,
      status: this.status,
      error: this.error && clipped(this.error, mostText),
      firstTokenMs: this.firstTokenMs,
      totalMs: this.totalMs,
      inputTokens: this.usage?.inputTokens ?? 0,
      cachedTokens: this.usage?.cachedTokens ?? 0,
      outputTokens: this.usage?.outputTokens ?? 0,
      reasoningTokens: this.usage?.reasoningTokens ?? 0,
    };
  }

  detail(): RequestDetail {
    return {
      ...this.summary(),
      cacheWriteTokens: this.usage?.cacheWriteTokens,
      timeline: [...this.#timeline],
      additions: this.additions,
      attempts: [...this.attempts],
      sidecars: [...this.sidecars],
    };
  }
}

/** A request that is told about: one that runs here, or one that was read from the disk. */
interface Entry {
  summary(): RequestSummary;
  detail(): RequestDetail;
}

export interface RequestPage {
  /** Names this state of the log. */
  readonly cursor: string;
  /** It is the whole list. */
  readonly complete: boolean;
  readonly requests: readonly RequestSummary[];
}

/** The newest turns: never what was said in them. */
export class RequestLog {
  /** By id, in the order of their last change. */
  readonly #entries = new Map<string, { readonly entry: Entry; readonly change: number }>();
  readonly #journal: RequestJournal | undefined;
  readonly #changed: (ended: RequestRecord | undefined) => void;
  /** Unlike that of any other log, also of this one before it was cleared. */
  #epoch = randomUUID();
  /** Others write into the same files. */
  readonly #name = randomUUID().slice(0, 8);
  #changes = 0;
  #next = 1;

  /** `changed` is told of every request that begins or ends. */
  constructor(
    journal?: RequestJournal,
    changed: (ended: RequestRecord | undefined) => void = () => {},
  ) {
    this.#journal = journal;
    this.#changed = changed;
  }

  /** Adds what other processes, and this one before, have written down. */
  async load(): Promise<void> {
    const stored = (await this.#journal?.read(capacity)) ?? [];
    // What is here already is newer, and must not be the first to go.
    const here = [...this.#entries];
    this.#entries.clear();
    for (const detail of stored) this.#note(detail.id, new StoredRequest(detail));
    for (const [id, { entry }] of here) this.#note(id, entry);
    if (stored.length > 0) this.#changed(undefined);
  }

  begin(model: string, provider: string): RequestRecord {
    const id = `req_${Date.now().toString(36)}_${this.#name}_${this.#next++}`;
    const record = new RequestRecord(id, model, provider);
    this.#note(id, record);
    this.#changed(undefined);
    return record;
  }

  /** A request that another window has made and written down. */
  show(detail: RequestDetail): void {
    this.#note(detail.id, new StoredRequest(detail));
    this.#changed(undefined);
  }

  /** A turn is over: it is written down. */
  ended(record: RequestRecord): void {
    record.mark(endings[record.status]);
    if (this.#entries.has(record.id)) this.#note(record.id, record);
    this.#journal?.add(record.detail());
    this.#changed(record);
  }

  /** Newest first. */
  list(): readonly RequestSummary[] {
    // The newest change stands last; among equals it stays the first.
    return [...this.#entries.values()]
      .map(({ entry }) => entry.summary())
      .reverse()
      .sort(newestFirst);
  }

  /** What has begun or changed since an earlier page; everything where that is not known. */
  page(since: string | undefined, limit = capacity): RequestPage {
    const [epoch, after] = since?.split('.') ?? [];
    const complete = epoch !== this.#epoch;
    const cursor = `${this.#epoch}.${this.#changes}`;
    if (complete) return { cursor, complete, requests: this.list().slice(0, limit) };
    const requests: RequestSummary[] = [];
    // The newest changes stand last.
    for (const { entry, change } of [...this.#entries.values()].reverse()) {
      if (change <= Number(after) || requests.length >= limit) break;
      requests.push(entry.summary());
    }
    return { cursor, complete, requests: requests.sort(newestFirst) };
  }

  detail(id: string): RequestDetail | undefined {
    return this.#entries.get(id)?.entry.detail();
  }

  /** Forgets all that have ended, also on the disk. */
  async clear(): Promise<void> {
    for (const [id, { entry }] of this.#entries) {
      if (entry.summary().status !== 'running') this.#entries.delete(id);
    }
    this.#epoch = randomUUID();
    await this.#journal?.clear();
    this.#changed(undefined);
  }

  /** What was written down is on the disk. */
  async flush(): Promise<void> {
    await this.#journal?.flush();
  }

  #note(id: string, entry: Entry): void {
    this.#entries.delete(id);
    this.#entries.set(id, { entry, change: ++this.#changes });
    keepNewest(this.#entries, capacity);
  }
}

function newestFirst(a: RequestSummary, b: RequestSummary): number {
  return b.startedAt - a.startedAt;
}

class StoredRequest implements Entry {
  readonly #detail: RequestDetail;

  constructor(detail: RequestDetail) {
    this.#detail = detail;
  }

  summary(): RequestSummary {
    return this.#detail;
  }

  detail(): RequestDetail {
    return this.#detail;
  }
}

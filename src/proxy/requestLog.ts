import type { Usage } from '../turn/event.ts';
import type { RequestSummary } from './state.ts';

const capacity = 500;

export type Ending = Exclude<RequestSummary['status'], 'running'>;

/** One turn as it goes; what it tells others is a `RequestSummary`. */
export class RequestRecord {
  readonly id: string;
  readonly startedAt = Date.now();
  readonly model: string;
  readonly provider: string;
  status: RequestSummary['status'] = 'running';
  error: string | undefined;
  firstTokenMs: number | undefined;
  totalMs: number | undefined;
  usage: Usage | undefined;

  constructor(id: string, model: string, provider: string) {
    this.id = id;
    this.model = model;
    this.provider = provider;
  }

  summary(): RequestSummary {
    return {
      id: this.id,
      startedAt: this.startedAt,
      model: this.model,
      provider: this.provider,
      status: this.status,
      error: this.error,
      firstTokenMs: this.firstTokenMs,
      totalMs: this.totalMs,
      inputTokens: this.usage?.inputTokens ?? 0,
      cachedTokens: this.usage?.cachedTokens ?? 0,
      outputTokens: this.usage?.outputTokens ?? 0,
    };
  }
}

/** The newest turns, in memory only: never what was said in them. */
export class RequestLog {
  readonly #records: RequestRecord[] = [];
  #next = 1;

  begin(model: string, provider: string): RequestRecord {
    const record = new RequestRecord(`req_${process.pid}_${this.#next++}`, model, provider);
    this.#records.push(record);
    if (this.#records.length > capacity) this.#records.shift();
    return record;
  }

  /** Newest first. */
  list(): readonly RequestSummary[] {
    return this.#records.map((record) => record.summary()).reverse();
  }
}

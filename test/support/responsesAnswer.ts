import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, type JsonRecord, listOf } from './json.ts';
import type { ReasoningLedger } from './responsesLedger.ts';
import { type Answer, isHttp, type ScriptUsage, type SeenRequest, type Step } from './script.ts';

/** The answers' form: https://platform.openai.com/docs/api-reference/responses-streaming */

/** Characters of one delta. */
const pieceLength = 9;

type ItemStep = Step & { readonly step: 'text' | 'reasoning' | 'call' | 'searched' };

/** Plays an answer as a Responses API would write it, without `[DONE]`, as DeepSeek does. */
export async function play(
  response: ServerResponse,
  seen: SeenRequest,
  answer: Answer,
  ledger: ReasoningLedger,
  sliceBytes: number | undefined,
): Promise<void> {
  if (isHttp(answer)) {
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
    return;
  }
  const playing = new Playing(response, seen, answer, ledger, sliceBytes);
  if (seen.stream) await playing.stream();
  else await playing.whole();
}

class Playing {
  readonly #response: ServerResponse;
  readonly #seen: SeenRequest;
  readonly #steps: readonly Step[];
  readonly #ledger: ReasoningLedger;
  readonly #sliceBytes: number | undefined;
  readonly #id = `resp_${randomUUID()}`;
  readonly #output: JsonRecord[] = [];
  #sequence = 0;

  constructor(
    response: ServerResponse,
    seen: SeenRequest,
    steps: readonly Step[],
    ledger: ReasoningLedger,
    sliceBytes: number | undefined,
  ) {
    this.#response = response;
    this.#seen = seen;
    this.#steps = steps;
    this.#ledger = ledger;
    this.#sliceBytes = sliceBytes;
  }

  async stream(): Promise<void> {
    for (const step of this.#steps) {
      if (this.#response.destroyed) return;
      switch (step.step) {
        case 'silence':
          if (!step.beforeHeaders) this.#begin();
          await sleep(step.ms);
          break;
        case 'gate':
          this.#begin();
          await step.opened;
          break;
        case 'text':
        case 'reasoning':
        case 'call':
        case 'searched':
          this.#begin();
          this.#item(step);
          break;
        case 'failure':
          this.#begin();
          this.#event('response.failed', {
            response: {
              ...this.#object('failed'),
              error: { code: 'server_error', message: step.message },
            },
          });
          this.#response.end();
          return;
        case 'cut':
          await flushed(this.#response);
          this.#response.socket?.resetAndDestroy();
          return;
        case 'stop_short':
          this.#response.end();
          return;
        case 'usage':
        case 'finish':
          break;
      }
    }
    this.#begin();
    this.#event(`response.${this.#status}`, { response: this.#object(this.#status) });
    this.#response.end();
  }

  async whole(): Promise<void> {
    for (const step of this.#steps) {
      if (step.step === 'silence') await sleep(step.ms);
      if (step.step === 'gate') await step.opened;
      if (step.step === 'cut') {
        this.#response.socket?.resetAndDestroy();
        return;
      }
      if (
        step.step === 'text' ||
        step.step === 'reasoning' ||
        step.step === 'call' ||
        step.step === 'searched'
      )
        this.#output.push(this.#made(step));
    }
    this.#response.writeHead(200, { 'content-type': 'application/json' });
    this.#response.end(JSON.stringify(this.#object(this.#status)));
  }

  get #finish(): 'length' | 'content_filter' | undefined {
    return this.#steps.find((step) => step.step === 'finish')?.reason;
  }

  get #status(): 'completed' | 'incomplete' {
    return this.#finish === undefined ? 'completed' : 'incomplete';
  }

  #begin(): void {
    if (this.#sequence > 0) return;
    this.#event('response.created', { response: this.#object('in_progress') });
    this.#event('response.in_progress', { response: this.#object('in_progress') });
  }

  /** One item with all of its events. The one that a limit cut says so. */
  #item(step: ItemStep): void {
    const made = this.#made(step);
    const place = { output_index: this.#output.length };
    this.#event('response.output_item.added', { ...place, item: emptied(made) });
    const where = { item_id: made['id'], ...place };
    switch (step.step) {
      case 'text': {
        const part = this.#part(step.text);
        const here = { ...where, content_index: 0 };
        this.#event('response.content_part.added', {
          ...here,
          part: { ...part, text: '', annotations: [] },
        });
        for (const [annotation_index, annotation] of part.annotations.entries())
          this.#event('response.output_text.annotation.added', {
            ...here,
            annotation_index,
            annotation,
          });
        for (const delta of pieces(step.text))
          this.#event('response.output_text.delta', { ...here, delta, logprobs: [] });
        this.#event('response.output_text.done', { ...here, text: step.text, logprobs: [] });
        this.#event('response.content_part.done', { ...here, part });
        break;
      }
      case 'reasoning': {
        if (step.text === '') break;
        const part = { type: 'summary_text', text: step.text };
        const here = { ...where, summary_index: 0 };
        this.#event('response.reasoning_summary_part.added', {
          ...here,
          part: { ...part, text: '' },
        });
        for (const delta of pieces(step.text))
          this.#event('response.reasoning_summary_text.delta', { ...here, delta });
        this.#event('response.reasoning_summary_text.done', { ...here, text: step.text });
        this.#event('response.reasoning_summary_part.done', { ...here, part });
        break;
      }
      case 'searched':
        this.#event('response.web_search_call.in_progress', where);
        this.#event('response.web_search_call.searching', where);
        this.#event('response.web_search_call.completed', where);
        break;
      case 'call': {
        for (const delta of pieces(step.arguments))
          this.#event('response.function_call_arguments.delta', { ...where, delta });
        // Nothing more of a call that breaks off.
        const next = this.#steps[this.#steps.indexOf(step) + 1]?.step;
        if ((next === 'cut' || next === 'stop_short') && !isJson(step.arguments)) return;
        const { name, arguments: all } = step;
        this.#event('response.function_call_arguments.done', { ...where, name, arguments: all });
        break;
      }
    }
    this.#event('response.output_item.done', { ...place, item: made });
    this.#output.push(made);
  }

  #made(step: ItemStep): JsonRecord {
    if (step.step === 'reasoning') {
      const include = listOf(at(this.#seen.body, 'include'));
      const encrypted = include.includes('reasoning.encrypted_content');
      return this.#ledger.think(this.#seen.model, step.text, encrypted);
    }
    const last = this.#steps.findLast(({ step: kind }) => kind === 'text' || kind === 'call');
    const status = step === last ? this.#status : 'completed';
    const id = randomUUID();
    if (step.step === 'text') {
      const content = [this.#part(step.text)];
      return { id, type: 'message', status, role: 'assistant', content };
    }
    if (step.step === 'searched') {
      if (this.#seen.serverSearch === undefined) throw new Error('no search was asked for');
      const action = { type: 'search', query: step.query };
      const done = step.error === undefined ? 'completed' : 'failed';
      return { id: `ws_${id}`, type: 'web_search_call', status: done, action };
    }
    const { name, arguments: all } = step;
    return { id, type: 'function_call', status, call_id: step.id, name, arguments: all };
  }

  /** Words cite what was found; xAI's titles are the numbers of the citations. */
  #part(words: string) {
    const pages = this.#steps.flatMap((step) => (step.step === 'searched' ? step.pages : []));
    const annotations = pages.map(({ url }, index) => ({
      type: 'url_citation',
      url,
      title: String(index + 1),
      start_index: 0,
      end_index: 1,
    }));
    return { type: 'output_text', text: words, annotations, logprobs: [] };
  }

  #object(status: string): JsonRecord {
    const counts = this.#steps.find((step) => step.step === 'usage')?.usage;
    const over = status === 'completed' || status === 'incomplete';
    const reason = this.#finish === 'length' ? 'max_output_tokens' : this.#finish;
    return {
      id: this.#id,
      object: 'response',
      created_at: 1790000000,
      status,
      error: null,
      incomplete_details: status === 'incomplete' ? { reason } : null,
      model: this.#seen.model,
      output: over ? this.#output : [],
      usage: over && counts !== undefined ? counted(counts) : null,
    };
  }

  #event(type: string, fields: object): void {
    const response = this.#response;
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    const data = JSON.stringify({ type, ...fields, sequence_number: this.#sequence++ });
    const bytes = Buffer.from(`event: ${type}\ndata: ${data}\n\n`);
    const slice = this.#sliceBytes ?? bytes.length;
    for (let start = 0; start < bytes.length; start += slice)
      response.write(bytes.subarray(start, start + slice));
  }
}

/** An item as it is when it has just been added. */
function emptied(item: JsonRecord): JsonRecord {
  switch (item['type']) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'reasoning': {
      const { encrypted_content: _, ...rest } = item;
      return { ...rest, summary: [] };
    }
    case 'web_search_call':
      return { ...item, status: 'in_progress' };
    default:
      return { ...item, status: 'in_progress', arguments: '' };
  }
}

function pieces(words: string): readonly string[] {
  const characters = [...words];
  return Array.from({ length: Math.ceil(characters.length / pieceLength) }, (_, index) =>
    characters.slice(index * pieceLength, (index + 1) * pieceLength).join(''),
  );
}

function isJson(words: string): boolean {
  try {
    JSON.parse(words);
    return true;
  } catch {
    return false;
  }
}

function counted(counts: ScriptUsage): object {
  return {
    input_tokens: counts.input,
    input_tokens_details: { cached_tokens: counts.cached },
    output_tokens: counts.output,
    output_tokens_details: { reasoning_tokens: counts.reasoning },
    total_tokens: counts.input + counts.output,
  };
}

/** What was written has left for the socket, so that a cut comes after it. */
function flushed(response: ServerResponse): Promise<void> {
  return new Promise((done) => {
    response.write('', () => setImmediate(done));
  });
}

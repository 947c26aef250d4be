import { randomBytes } from 'node:crypto';
import type { ThinkingLedger } from './anthropicLedger.ts';
import { serverSearchIn } from './anthropicSearchRules.ts';
import type { ContentStep, FakeAnswer } from './fakeStream.ts';
import type { JsonRecord } from './json.ts';
import { isRecord } from './json.ts';
import type { FoundPage, ScriptUsage, SearchedStep, Step } from './script.ts';

/** Characters of one delta. */
const pieceLength = 9;

/** One answer in the making: a script's steps as content blocks and events. */
export class AnthropicAnswer implements FakeAnswer {
  readonly #model: string;
  readonly #body: JsonRecord;
  readonly #steps: readonly Step[];
  readonly #ledger: ThinkingLedger;
  readonly #blocks: JsonRecord[] = [];
  readonly #pages: FoundPage[] = [];
  #begun = false;

  constructor(model: string, body: JsonRecord, steps: readonly Step[], ledger: ThinkingLedger) {
    this.#model = model;
    this.#body = body;
    this.#steps = steps;
    this.#ledger = ledger;
  }

  /** The first events, once. */
  begin(): readonly JsonRecord[] {
    if (this.#begun) return [];
    this.#begun = true;
    const message = {
      ...this.#message([]),
      stop_reason: null,
      stop_details: null,
      usage: this.#usage(1),
    };
    return [{ type: 'message_start', message }, { type: 'ping' }];
  }

  /** The events of one content block. */
  add(step: ContentStep): readonly JsonRecord[] {
    const index = this.#blocks.length;
    const delta = (fields: JsonRecord): JsonRecord => ({
      type: 'content_block_delta',
      index,
      delta: fields,
    });
    const events = (empty: JsonRecord, deltas: readonly JsonRecord[]): readonly JsonRecord[] => [
      { type: 'content_block_start', index, content_block: empty },
      ...deltas.map(delta),
      { type: 'content_block_stop', index },
    ];
    switch (step.step) {
      case 'text': {
        const citations = this.#cited();
        const more = citations.length > 0 && { citations };
        this.#push({ type: 'text', text: step.text, ...more });
        return events({ type: 'text', text: '', ...(citations.length > 0 && { citations: [] }) }, [
          ...citations.map((citation) => ({ type: 'citations_delta', citation })),
          ...pieces(step.text).map((text) => ({ type: 'text_delta', text })),
        ]);
      }
      case 'searched':
        return this.#searched(step, events);
      case 'reasoning': {
        // A script's way to redact: thinking that says nothing at all.
        if (step.text === '') {
          const block = this.#push(this.#ledger.redact(this.#body));
          return events(block, []);
        }
        const block = this.#push(this.#ledger.think(this.#body, step.text));
        return events({ type: 'thinking', thinking: '', signature: '' }, [
          ...pieces(step.text).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block['signature'] },
        ]);
      }
      case 'call': {
        const head = { type: 'tool_use', id: step.id, name: step.name };
        this.#push({ ...head, input: parsed(step.arguments) });
        const args = step.arguments === '{}' ? '' : step.arguments;
        return events(
          { ...head, input: {} },
          pieces(args).map((json) => ({ type: 'input_json_delta', partial_json: json })),
        );
      }
    }
  }

  /** https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool#response */
  #searched(
    { query, pages, error }: SearchedStep,
    events: (empty: JsonRecord, deltas: readonly JsonRecord[]) => readonly JsonRecord[],
  ): readonly JsonRecord[] {
    if (serverSearchIn(this.#body) === undefined) throw new Error('no search was asked for');
    const id = `srvtoolu_${this.#blocks.length}${randomBytes(6).toString('hex')}`;
    const head = { type: 'server_tool_use', id, name: 'web_search' };
    const asked = events(
      { ...head, input: {} },
      pieces(JSON.stringify({ query })).map((json) => ({
        type: 'input_json_delta',
        partial_json: json,
      })),
    );
    this.#push({ ...head, input: { query } });
    const result = {
      type: 'web_search_tool_result',
      tool_use_id: id,
      content:
        error === undefined
          ? pages.map(encrypted)
          : { type: 'web_search_tool_result_error', error_code: error },
    };
    const index = this.#blocks.length;
    this.#push(result);
    this.#pages.push(...pages);
    return [
      ...asked,
      { type: 'content_block_start', index, content_block: result },
      { type: 'content_block_stop', index },
    ];
  }

  /** Words behind a search say what they rest on. */
  #cited(): readonly JsonRecord[] {
    return this.#pages.map(({ url, title, content }) => ({
      type: 'web_search_result_location',
      url,
      title,
      encrypted_index: Buffer.from(url).toString('base64'),
      cited_text: content.slice(0, 150),
    }));
  }

  end(): readonly JsonRecord[] {
    const { stop_reason, stop_sequence, stop_details, usage } = this.#message(this.#blocks);
    return [
      { type: 'message_delta', delta: { stop_reason, stop_sequence, stop_details }, usage },
      { type: 'message_stop' },
    ];
  }

  whole(): JsonRecord {
    return this.#message(this.#blocks);
  }

  frame(event: JsonRecord): string {
    return `event: ${event['type']}\ndata: ${JSON.stringify(event)}\n\n`;
  }

  #push(block: JsonRecord): JsonRecord {
    this.#blocks.push(block);
    this.#ledger.answer(this.#blocks);
    return block;
  }

  #message(content: readonly JsonRecord[]): JsonRecord {
    const asked = this.#steps.find((step) => step.step === 'finish')?.reason;
    const calls = content.some((block) => block['type'] === 'tool_use');
    const reasons = { length: 'max_tokens', content_filter: 'refusal' };
    const paused = this.#steps.some((step) => step.step === 'searched' && step.paused === true);
    const usual = paused ? 'pause_turn' : calls ? 'tool_use' : 'end_turn';
    const reason = asked === undefined ? usual : reasons[asked];
    const explanation = 'This request was declined under the usage policy.';
    return {
      id: 'msg_sim',
      type: 'message',
      role: 'assistant',
      model: this.#model,
      content,
      stop_reason: reason,
      stop_sequence: null,
      stop_details:
        reason === 'refusal' ? { type: 'refusal', category: 'cyber', explanation } : null,
      usage: this.#usage(this.#counts.output),
    };
  }

  get #counts(): ScriptUsage {
    const said = this.#steps.find((step) => step.step === 'usage')?.usage;
    return said ?? { input: 1, output: 1, cached: 0, reasoning: 0 };
  }

  /** Cached input is counted beside the rest. */
  #usage(output: number): JsonRecord {
    const { input, cached, reasoning } = this.#counts;
    return {
      input_tokens: input - cached,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: cached,
      output_tokens: output,
      output_tokens_details: { thinking_tokens: Math.min(reasoning, output) },
      ...(this.#pages.length > 0 && { server_tool_use: { web_search_requests: 1 } }),
    };
  }
}

/** What the model reads of a page comes in a form that only the API understands. */
function encrypted({ url, title, content }: FoundPage): JsonRecord {
  return {
    type: 'web_search_result',
    url,
    title,
    encrypted_content: Buffer.from(content).toString('base64'),
    page_age: null,
  };
}

function pieces(words: string): readonly string[] {
  const characters = [...words];
  return Array.from({ length: Math.ceil(characters.length / pieceLength) }, (_, index) =>
    characters.slice(index * pieceLength, (index + 1) * pieceLength).join(''),
  );
}

/** In a whole answer the input is always an object. */
function parsed(json: string): JsonRecord {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

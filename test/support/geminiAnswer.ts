import type { ContentStep, FakeAnswer } from './fakeStream.ts';
import type { SignatureLedger } from './geminiLedger.ts';
import { modelOf } from './geminiRules.ts';
import { serverSearchIn } from './geminiToolRules.ts';
import { at, isRecord, type JsonRecord } from './json.ts';
import type { ScriptUsage, SearchedStep, Step } from './script.ts';

/** Characters of one event. */
const pieceLength = 9;

/**
 * One answer in the making: a script's steps as GenerateContentResponses. A model that signs puts its
 * signature on the first call, else, in a stream, on an empty text at the end, as
 * https://ai.google.dev/gemini-api/docs/thought-signatures shows.
 */
export class GeminiAnswer implements FakeAnswer {
  readonly #model: string;
  readonly #body: JsonRecord;
  readonly #steps: readonly Step[];
  readonly #ledger: SignatureLedger;
  readonly #parts: JsonRecord[] = [];
  readonly #searches: SearchedStep[] = [];
  #thoughts = '';
  #isSigned = false;
  #malformed = false;

  constructor(model: string, body: JsonRecord, steps: readonly Step[], ledger: SignatureLedger) {
    this.#model = model;
    this.#body = body;
    this.#steps = steps;
    this.#ledger = ledger;
  }

  /** There is no event without content. */
  begin(): readonly JsonRecord[] {
    return [];
  }

  /** The events of one step. */
  add(step: ContentStep): readonly JsonRecord[] {
    switch (step.step) {
      case 'text':
        this.#parts.push({ text: step.text });
        return pieces(step.text).map((text) => this.#event([{ text }]));
      case 'reasoning': {
        this.#thoughts += step.text;
        const asked = at(this.#body, 'generationConfig', 'thinkingConfig', 'includeThoughts');
        if (asked !== true) return [];
        const part = { text: step.text, thought: true };
        this.#parts.push(part);
        return [this.#event([part])];
      }
      case 'call':
        return this.#call(step.id, step.name, step.arguments);
      case 'searched':
        if (serverSearchIn(this.#body) === undefined) throw new Error('no search was asked for');
        this.#searches.push(step);
        return [];
    }
  }

  end(): readonly JsonRecord[] {
    const last = this.#sign({ text: '' });
    return [this.#event([last], this.#reason())];
  }

  whole(): JsonRecord {
    const last = this.#parts.findLastIndex((part) => 'text' in part && part['thought'] !== true);
    const parts = this.#parts.map((part, index) => (index === last ? this.#sign(part) : part));
    return this.#event(parts, this.#reason());
  }

  frame(event: JsonRecord): string {
    return `data: ${JSON.stringify(event)}\r\n\r\n`;
  }

  /** Arguments are an object; what is no whole JSON arrives as the beginning of its values. */
  #call(id: string, name: string, json: string): readonly JsonRecord[] {
    const args = parsed(json);
    if (args !== undefined) {
      const part = this.#sign({ functionCall: { id, name, args } });
      this.#parts.push(part);
      return [this.#event([part])];
    }
    this.#malformed = true;
    const [, key = '', value = ''] = /"(\w+)"\s*:\s*"([^"]*)/.exec(json) ?? [];
    const partialArgs = [{ jsonPath: `$.${key}`, stringValue: value, willContinue: true }];
    return [
      this.#event([{ functionCall: { id, name, willContinue: true } }]),
      this.#event([{ functionCall: { partialArgs, willContinue: true } }]),
    ];
  }

  #sign(part: JsonRecord): JsonRecord {
    if (this.#isSigned || !modelOf(this.#model).signed) return part;
    this.#isSigned = true;
    return this.#ledger.sign(this.#model, part, this.#thoughts);
  }

  #reason(): string {
    const asked = this.#steps.find((step) => step.step === 'finish')?.reason;
    if (asked !== undefined) return { length: 'MAX_TOKENS', content_filter: 'SAFETY' }[asked];
    return this.#malformed ? 'MALFORMED_FUNCTION_CALL' : 'STOP';
  }

  #event(parts: readonly JsonRecord[], finishReason?: string): JsonRecord {
    return {
      candidates: [
        {
          content: { parts, role: 'model' },
          ...(finishReason && { finishReason, ...this.#grounding() }),
          index: 0,
        },
      ],
      usageMetadata: this.#usage(),
      modelVersion: this.#model,
      responseId: 'resp-sim',
    };
  }

  /**
   * What it found comes with the end: https://ai.google.dev/gemini-api/docs/google-search#grounded-response.
   * An address leads through Google, and a title is the page's host.
   */
  #grounding(): JsonRecord {
    const pages = this.#searches.flatMap((search) => search.pages);
    if (this.#searches.length === 0) return {};
    return {
      groundingMetadata: {
        webSearchQueries: this.#searches.map(({ query }) => query),
        searchEntryPoint: { renderedContent: '<div class="container">…</div>' },
        groundingChunks: pages.map(({ url }) => ({
          web: {
            uri: `https://vertexaisearch.cloud.google.com/grounding-api-redirect/${Buffer.from(url).toString('base64url')}`,
            title: new URL(url).hostname,
          },
        })),
        groundingSupports: pages.map(({ content }, index) => ({
          segment: { startIndex: 0, endIndex: content.length, text: content },
          groundingChunkIndices: [index],
        })),
      },
    };
  }

  /** Thoughts are counted beside the answer, and what is nought is left out. */
  #usage(): JsonRecord {
    const { input, output, cached, reasoning } = this.#counts;
    return {
      promptTokenCount: input,
      candidatesTokenCount: output - reasoning,
      totalTokenCount: input + output,
      ...(cached > 0 && { cachedContentTokenCount: cached }),
      ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    };
  }

  get #counts(): ScriptUsage {
    const said = this.#steps.find((step) => step.step === 'usage')?.usage;
    return said ?? { input: 1, output: 1, cached: 0, reasoning: 0 };
  }
}

function pieces(words: string): readonly string[] {
  const characters = [...words];
  return Array.from({ length: Math.ceil(characters.length / pieceLength) }, (_, index) =>
    characters.slice(index * pieceLength, (index + 1) * pieceLength).join(''),
  );
}

function parsed(json: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

import { webSearchName } from '../responses/webSearch.ts';
import type { FinishReason, TurnEvent, Usage } from '../turn/event.ts';
import { parseJsonObject } from '../turn/json.ts';
import type { AssistantMessage, Json, Message, TextPart, ToolMessage } from '../turn/turn.ts';

/** A search that the model asked for. */
export interface SearchCall {
  /** `undefined`: it did not say what to search for. */
  readonly query: string | undefined;
  readonly arguments: string;
}

type StepPart = AssistantMessage['content'][number];

/** What one answer of the model is to the search loop: the searches in it, and what it takes to go on. */
export class SearchStep {
  readonly searches: SearchCall[] = [];
  /** The model called a tool of the client. */
  called = false;
  /** It said something to the user, or called such a tool. */
  spoke = false;
  usage: Usage | undefined;
  /** `undefined`: the answer is not over. */
  reason: FinishReason | undefined;
  /** What came behind the first search: it waits until the searches are done. */
  readonly held: TurnEvent[] = [];
  readonly #parts: StepPart[] = [];
  #text = '';
  #carried = false;
  #search: string | undefined;

  /** Takes an event; `true`: the client may have it now. */
  take(event: TurnEvent): boolean {
    switch (event.type) {
      case 'usage':
        this.usage = event.usage;
        return false;
      case 'finish':
        this.reason = event.reason;
        return false;
      case 'call.start':
        if (isSearch(event.name)) {
          this.#search = '';
          return false;
        }
        this.called = true;
        this.spoke = true;
        break;
      case 'call.delta':
        if (this.#search === undefined) break;
        this.#search += event.arguments;
        return false;
      case 'call.end':
        if (this.#search === undefined) break;
        this.searches.push(searchCall(this.#search));
        this.#search = undefined;
        return false;
      case 'text.start':
      case 'reasoning.start':
        this.#text = '';
        this.#carried = false;
        break;
      case 'text.delta':
        this.spoke ||= /\S/.test(event.text);
        this.#text += event.text;
        break;
      case 'reasoning.delta':
        this.#text += event.text;
        break;
      case 'reasoning.part':
        this.#text += '\n\n';
        break;
      case 'text.end':
        this.#parts.push({ type: 'text', text: this.#text });
        this.#text = '';
        break;
      case 'reasoning.end':
        this.#reasoned(event.carry);
        break;
      case 'search.start':
      case 'search.end':
      case 'error':
        break;
    }
    if (this.searches.length === 0 && this.#search === undefined) return true;
    this.held.push(event);
    return false;
  }

  /** The step as the provider reads it in the next request; `first` counts the calls of the turn. */
  messages(results: readonly string[], first: number): readonly Message[] {
    const id = (index: number): string => `call_ws_${first + index}`;
    const text: readonly TextPart[] =
      this.#text.trim() === '' || this.#carried ? [] : [{ type: 'text', text: this.#text }];
    const spoken = this.#parts.filter((part) => part.type !== 'text' || part.text.trim() !== '');
    const calls = this.searches.map(
      (search, index) =>
        ({
          type: 'tool_call',
          callId: id(index),
          name: webSearchName,
          arguments: search.arguments,
        }) as const,
    );
    const assistant: AssistantMessage = {
      role: 'assistant',
      content: [...spoken, ...text, ...calls],
    };
    const answers = results.map(
      (result, index): ToolMessage => ({
        role: 'tool',
        callId: id(index),
        name: webSearchName,
        content: [{ type: 'text', text: result }],
      }),
    );
    return [assistant, ...answers];
  }

  #reasoned(carry: Json | undefined): void {
    this.#parts.push({ type: 'reasoning', text: this.#text, carry });
    this.#text = '';
    this.#carried = true;
  }
}

/** Models put a namespace before it, or write it large. */
function isSearch(name: string): boolean {
  return name.toLowerCase().replace(/^functions[.:/]+/, '') === webSearchName;
}

/** Nobody asks in so many words; what is longer would carry the conversation out. */
const mostQueryCharacters = 400;

function searchCall(text: string): SearchCall {
  const given = parseJsonObject(text)?.['query'];
  const query = typeof given === 'string' ? given.replace(/\s+/g, ' ').trim() : '';
  if (query === '') return { query: undefined, arguments: '{}' };
  const asked = query.slice(0, mostQueryCharacters).toWellFormed();
  return { query: asked, arguments: JSON.stringify({ query: asked }) };
}

/** The tokens of two answers together. */
export function sumOf(a: Usage | undefined, b: Usage | undefined): Usage | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}

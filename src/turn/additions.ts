/** Why a text of ours stands in a prompt. */
export type AdditionKind =
  /** The sentence that names the model, without the claim to be GPT. */
  | 'identity'
  /** Asks in words for an answer in a form that the provider cannot be asked for. */
  | 'answer_format'
  /** Asks for the summary with which a remote compaction ends. */
  | 'compaction'
  /** The head of the summary of what came before. */
  | 'summary'
  /** Mends a history that providers refuse: an output that is missing, an answer that was cut. */
  | 'history'
  /** Heads of calls and results that are told as text, because no tools are offered. */
  | 'calls_as_text'
  /** Tells how the raw text of a custom tool is passed to a function. */
  | 'custom_tool'
  /** Tells which tools a search has found. */
  | 'found_tools'
  /** What a web search or the description of an image puts there. */
  | 'sidecar'
  /** Stands where an image, a file or another's encrypted text cannot be shown. */
  | 'attachment';

/** A text of ours in a prompt: what the client said itself is never part of it. */
export interface PromptAddition {
  readonly kind: AdditionKind;
  /** Where it frames words of the client, `…` stands for them. */
  readonly text: string;
  /** The client's text in whose place it stands. */
  readonly replaces?: string;
  /** How often it stands there. */
  readonly times: number;
}

/** Gathers what is put into one prompt. Each way to add a text goes through `add`. */
export class Additions {
  readonly #found = new Map<string, { readonly first: PromptAddition; times: number }>();

  /** Notes a text and gives it back, to be used where it stands. */
  add(kind: AdditionKind, text: string, replaces?: string): string {
    const key = `${kind}\0${text}\0${replaces ?? ''}`;
    const known = this.#found.get(key);
    if (known !== undefined) known.times += 1;
    else {
      const first = { kind, text, ...(replaces === undefined ? {} : { replaces }), times: 1 };
      this.#found.set(key, { first, times: 1 });
    }
    return text;
  }

  /** In the order in which they were first added. */
  get list(): readonly PromptAddition[] {
    return [...this.#found.values()].map(({ first, times }) => ({ ...first, times }));
  }
}

const mostEntries = 100;
const mostCharacters = 16_384;

/**
 * What is kept of them beyond the request: at most 100 texts of 16,384 characters together, those
 * that do not fit cut with `…`. None of them holds on to the request's own text.
 */
export function boundedAdditions(additions: readonly PromptAddition[]): readonly PromptAddition[] {
  let room = mostCharacters;
  const cut = (text: string): string => {
    const kept = text.length <= room ? text : `${text.slice(0, room)}…`;
    room = Math.max(0, room - text.length);
    return kept;
  };
  const kept = additions.slice(0, mostEntries).flatMap((addition): PromptAddition[] => {
    if (room === 0) return [];
    const { kind, text, replaces, times } = addition;
    const bounded = { kind, text: cut(text), times };
    return [replaces === undefined ? bounded : { ...bounded, replaces: cut(replaces) }];
  });
  return detached(kept);
}

/** A match is a slice that keeps the whole text alive; a copy of its characters is not. */
function detached(additions: readonly PromptAddition[]): readonly PromptAddition[] {
  return additions.length === 0 ? additions : JSON.parse(JSON.stringify(additions));
}

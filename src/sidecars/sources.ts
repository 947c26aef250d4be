import { fieldOf, textOf } from '../adapters/json.ts';
import type { Json } from '../turn/turn.ts';

/** A web page that an answer rests on. */
export interface Source {
  readonly url: string;
  readonly title: string;
}

/** What an answer says of the searches behind it, beside its words. */
export interface SearchTrail {
  /** Those that the answer cites come first. */
  readonly sources: readonly Source[];
  /** Why a search gave nothing, where one did: the word of the API. */
  readonly failure: string | undefined;
}

/** More would be no list of sources any more. */
const mostSources = 20;

/** What names a page that was cited, in contrast to one that was only found. */
const citations = new Set(['url_citation', 'web_search_result_location']);

/**
 * The pages that an answer names, however its wire format does: Anthropic's `web_search_result`,
 * OpenAI's, xAI's and OpenRouter's `url_citation`, Gemini's grounding chunks are objects with an
 * address. A search that fails is told of in an answer whose status is 200.
 */
export function searchTrail(payloads: readonly Json[]): SearchTrail {
  const cited = new Map<string, Source>();
  const found = new Map<string, Source>();
  let failure: string | undefined;
  const look = (value: Json, depth: number, within: string): void => {
    if (typeof value !== 'object' || value === null || depth > 12) return;
    const type = textOf(fieldOf(value, 'type')) || within;
    failure ??= failureOf(value, type);
    const source = sourceOf(value, type);
    if (source !== undefined) (citations.has(type) ? cited : found).set(source.url, source);
    for (const inner of Object.values(value)) look(inner, depth + 1, type);
  };
  for (const payload of payloads) look(payload, 0, '');
  const sources = [...new Map([...cited, ...found]).values()];
  return { sources: sources.slice(0, mostSources), failure };
}

function failureOf(value: Json, type: string): string | undefined {
  if (type === 'web_search_tool_result_error') return textOf(fieldOf(value, 'error_code')) || type;
  const failed = type === 'web_search_call' && fieldOf(value, 'status') === 'failed';
  return failed ? 'failed' : undefined;
}

/** What has an address and a title; a citation may lack the title. */
function sourceOf(value: Json, type: string): Source | undefined {
  const url = textOf(fieldOf(value, 'url')) || textOf(fieldOf(value, 'uri'));
  const title = textOf(fieldOf(value, 'title'));
  if (!/^https?:\/\//i.test(url) || (title === '' && !citations.has(type))) return undefined;
  return { url, title };
}

import type { ServerResponse } from 'node:http';
import type { Scope } from './scope.ts';
import type { FoundPage } from './script.ts';
import { startUpstream } from './upstream.ts';

/** A SearXNG of the tests: what it finds, and what it was asked. */
export interface SearchEngine {
  /** The part of `webSearchSidecar` that makes the proxy use it. */
  readonly service: object;
  readonly queries: readonly string[];
  /** How many askers went away before they had an answer. */
  readonly left: number;
  answer(response: ServerResponse): unknown;
}

export const pages: readonly FoundPage[] = [
  { url: 'https://example.com/release', title: 'Releases', content: 'Version 4.2 is the newest.' },
];

/** The answer of a SearXNG. */
export function found(results: readonly FoundPage[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ results }));
  };
}

export async function startSearchEngine(
  scope: Pick<Scope, 'add'>,
  answer: (response: ServerResponse) => unknown = found(pages),
): Promise<SearchEngine> {
  const queries: string[] = [];
  let left = 0;
  const upstream = await startUpstream(scope, ({ path, aborted }, response) => {
    queries.push(new URL(path, 'http://localhost').searchParams.get('q') ?? '');
    void aborted.then(() => {
      left += 1;
    });
    return engine.answer(response);
  });
  const engine = {
    service: { name: 'searxng', baseUrl: upstream.url },
    queries,
    get left() {
      return left;
    },
    answer,
  };
  return engine;
}

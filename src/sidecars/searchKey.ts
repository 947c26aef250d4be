/** The services that search and nothing else, as users know them. */
export const searchServiceLabels = {
  brave: 'Brave Search',
  tavily: 'Tavily',
  exa: 'Exa',
  searxng: 'SearXNG',
} as const;

export type SearchServiceName = keyof typeof searchServiceLabels;

const prefix = 'search/';

/** Under what name the editor's secret store has a service's key; no provider's name holds a slash. */
export function searchKeyId(service: SearchServiceName): string {
  return prefix + service;
}

/** Whether a name of the secret store is that of a service's key. */
export function isSearchKeyId(id: string): boolean {
  return id.startsWith(prefix);
}

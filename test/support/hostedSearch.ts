import type { HostedSearch } from '../../src/responses/webSearch.ts';

/** The search tool as Codex offers it where nobody has set anything. */
export const hostedSearch: HostedSearch = {
  external: true,
  allowedDomains: [],
  blockedDomains: [],
  location: {},
  contextSize: 'medium',
};

import type { HostedSearch } from '../responses/webSearch.ts';

/** The client's filters as everybody takes them: a domain without a scheme or a wildcard. */
export function withPlainDomains(search: HostedSearch): HostedSearch {
  const { allowedDomains, blockedDomains } = search;
  return {
    ...search,
    allowedDomains: allowedDomains.map(plainDomain),
    blockedDomains: blockedDomains.map(plainDomain),
  };
}

/** Whether a host is the domain or belongs to it. */
export function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function plainDomain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^\*?\./, '')
    .replace(/\/+$/, '');
}

/**
 * Scheme, host and port of a base URL as the network will see them, whatever its text looks like;
 * the names of this machine count as one. `undefined` for what is no plain web address.
 */
export function originOf(baseUrl: string): string | undefined {
  const url = URL.parse(baseUrl);
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  const host = loopback.has(url.hostname) ? 'localhost' : url.hostname;
  return `${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}`;
}

const loopback = new Set(['127.0.0.1', '[::1]']);

/** Matches the origins of a base URL in which `{name}` stands for one part of the host's name. */
export function originPattern(template: string): RegExp {
  const origin = /^https?:\/\/[^/]+/.exec(template)?.[0];
  if (origin === undefined) return /(?!)/;
  const source = origin.replace(/[.[\]]/g, '\\$&').replace(/\{\w+\}/g, '[^./:]+');
  return new RegExp(`^${source}$`);
}

/**
 * Whether OpenAI's own implementation of the Responses API is at that address, so that bytes may
 * pass through: ChatGPT, OpenAI and Azure.
 */
export function isOpenAi(baseUrl: string): boolean {
  const origin = originOf(baseUrl);
  return origin !== undefined && openAi.test(origin);
}

const openAi =
  /^https:\/\/(chatgpt\.com|([^./:]+\.)?api\.openai\.com|[^./:]+\.(openai\.azure|services\.ai\.azure|cognitiveservices\.azure)\.com)$/;

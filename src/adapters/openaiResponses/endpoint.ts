/** Whose Responses API it is, as far as its path goes. */
export type ResponsesPath =
  /** The ChatGPT backend: no version. */
  | 'bare'
  /** `/v1`, unless the base URL names a version. */
  | 'versioned'
  /** `/openai/v1`, unless the base URL names a version; a query such as `api-version` stays. */
  | 'azure';

const versions = { bare: '', versioned: '/v1', azure: '/openai/v1' } as const;

/** Where a Responses API takes turns. A base URL with or without its version works. */
export function responsesUrl(baseUrl: string, kind: ResponsesPath): string {
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, '');
  const named = /\/v\d[^/]*(?:\/|$)/.test(path);
  const version = kind === 'azure' && path.endsWith('/openai') ? '/v1' : versions[kind];
  url.pathname = `${path}${named ? '' : version}/responses`;
  return url.href;
}

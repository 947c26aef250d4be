/** How a key is turned into a short-lived token. Kept in memory only, fetched once at a time. */
export interface TokenExchange {
  readonly method: 'GET' | 'POST';
  /** In the catalog it may hold `{name}` placeholders. */
  readonly url: string;
  /** Fields of the answer: the token, its expiry in seconds since 1970, headers and base URL to use. */
  readonly token: string;
  readonly expires?: string;
  readonly headers?: string;
  readonly baseUrl?: string;
  /** How long the token may be used where the answer does not say. */
  readonly lifetimeSeconds: number;
  /** The only hosts that may get the token. */
  readonly hosts: readonly string[];
}

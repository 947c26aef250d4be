type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const relayed: readonly string[] = ['content-type', 'retry-after', 'x-models-etag', 'x-request-id'];

/**
 * The headers of an upstream's answer that Codex gets to see. Never `openai-model`: Codex takes a
 * name other than the one it asked for as a warning about the account.
 */
export function relayedHeaders(upstream: Headers): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of relayed) {
    const value = upstream[name];
    if (typeof value === 'string') headers[name] = value;
  }
  for (const [name, value] of Object.entries(upstream)) {
    if (name.startsWith('x-codex-') && typeof value === 'string') headers[name] = value;
  }
  return headers;
}

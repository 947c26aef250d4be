/**
 * The request headers that Codex's own login needs at OpenAI's backend. Nothing else of an incoming
 * request goes there: not our token, not cookies, not what names the client's address.
 */
const relayed: readonly string[] = [
  'authorization',
  'chatgpt-account-id',
  'openai-beta',
  'originator',
  'session_id',
  'session-id',
  'thread-id',
  'x-client-request-id',
  'x-codex-beta-features',
  'x-codex-installation-id',
  'x-codex-parent-thread-id',
  'x-codex-turn-metadata',
  'x-codex-turn-state',
  'x-codex-window-id',
  'x-oai-attestation',
  'x-openai-internal-codex-responses-lite',
  'x-openai-subagent',
  'x-responsesapi-include-timing-metrics',
];

/** An incoming request's headers as node:http gives them. */
export type InboundHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The headers that forward mode relays. */
export function forwardedHeaders(inbound: InboundHeaders): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of relayed) {
    const value = inbound[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}

/** The bearer credential of a request, without its scheme. */
export function bearerOf(inbound: InboundHeaders): string | undefined {
  const header = inbound['authorization'];
  return typeof header === 'string' ? /^bearer +(\S+) *$/i.exec(header)?.[1] : undefined;
}

import { type TurnError, turnError } from '../turn/error.ts';

const advice: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host name cannot be found. Check "baseUrl" and your connection.',
  EAI_AGAIN: 'its host name cannot be looked up right now. Check your connection.',
  ECONNREFUSED: 'nothing listens there. Is the server running, and is "baseUrl" right?',
  ECONNRESET: 'the connection was closed.',
  EPIPE: 'the connection was closed.',
  UND_ERR_SOCKET: 'the connection was closed.',
  ETIMEDOUT: 'it does not answer. Check your connection, a VPN or a proxy setting.',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer. Check your connection, a VPN or a proxy setting.',
  EHOSTUNREACH: 'there is no way to its host. Check your connection.',
  ENETUNREACH: 'there is no way to its host. Check your connection.',
  EPROTO: 'it does not speak TLS there. Is "baseUrl" right (http or https)?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there. Is "baseUrl" right (http or https)?',
  CERT_HAS_EXPIRED: 'its TLS certificate has expired.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another host.',
};

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const lasting = new Set([
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Says why a provider cannot be reached, or that its answer broke off. */
export function networkError(
  label: string,
  url: string,
  thrown: unknown,
  answerBegan: boolean,
): TurnError {
  if (answerBegan) {
    return turnError('cut', `${label}: the connection broke off in the middle of the answer.`);
  }
  const host = URL.parse(url)?.host ?? 'its host';
  const kind = isLasting(thrown) ? 'rejected' : 'network';
  return turnError(kind, `${label} (${host}) cannot be reached: ${networkReason(thrown)}`);
}

/** What trying again does not change: the other end is not who it should be. */
function isLasting(thrown: unknown): boolean {
  const code = codeOf(thrown) ?? '';
  return thrown instanceof ForbiddenAddress || untrusted.has(code) || lasting.has(code);
}

/** Why a connection failed and what to do, going on from a colon. */
export function networkReason(thrown: unknown): string {
  const code = codeOf(thrown);
  if (thrown instanceof ForbiddenAddress) {
    return 'its name leads to a link-local or cloud metadata address, where requests are never sent.';
  }
  if (code !== undefined && untrusted.has(code)) {
    return `its TLS certificate is not trusted (${code}). If your network inspects TLS, install its root certificate in the system, or name the file in NODE_EXTRA_CA_CERTS.`;
  }
  const known = code === undefined ? undefined : advice[code];
  return known ?? `the connection failed${code === undefined ? '' : ` (${code})`}.`;
}

/** A host name was resolved to an address that is never connected to. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
}

function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return thrown.cause === undefined ? undefined : codeOf(thrown.cause);
}

import type { IncomingMessage } from 'node:http';
import { bearerOf } from '../credentials/forward.ts';
import { sameToken } from '../credentials/token.ts';
import type { Refusal } from './answer.ts';

/**
 * Decides from a request's head alone whether it may go on; the body is not read before.
 *
 * Keeps web pages out. A page can send requests here, but not without an Origin or a Sec-Fetch-Site
 * that gives it away; and a name that was made to resolve to this machine shows in Host. Only the
 * dashboard's own page, in its session, may go on.
 */
export function refuseForeignSite(
  request: IncomingMessage,
  port: number,
  ownPage: boolean,
): Refusal | undefined {
  const hosts = request.rawHeaders.filter(
    (name, i) => i % 2 === 0 && name.toLowerCase() === 'host',
  );
  if (hosts.length !== 1 || !isOurHost(request.headers.host ?? '', port)) {
    return {
      status: 403,
      message: `OpenCodex only answers requests to http://127.0.0.1:${port}. Use that address.`,
    };
  }
  if (ownPage) return undefined;
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin !== undefined || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
    return {
      status: 403,
      message: 'OpenCodex does not answer web pages. Use a program that sends no Origin header.',
    };
  }
  return undefined;
}

/** Whether the browser says that the request comes from a page of this very address. */
export function isSameOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return false;
  const site = headers['sec-fetch-site'];
  return site === undefined ? origin !== undefined : site === 'same-origin';
}

function isOurHost(host: string, port: number): boolean {
  const at = host.toLowerCase();
  return ['127.0.0.1', 'localhost', '[::1]'].some(
    (name) => at === `${name}:${port}` || (port === 80 && at === name),
  );
}

/**
 * Keeps other users of the machine out. Our token may travel in its own header, as a bearer, or as
 * an API key; the first is for clients whose Authorization carries a ChatGPT login.
 */
export function refuseStranger(request: IncomingMessage, token: string): Refusal | undefined {
  const { headers } = request;
  const presented = [headers['x-opencodex-token'], bearerOf(headers), headers['x-api-key']];
  let known = false;
  // Every candidate is compared, so that the time taken tells nothing about which one was right.
  for (const candidate of presented) {
    if (typeof candidate === 'string' && sameToken(token, candidate)) known = true;
  }
  if (known) return undefined;
  return {
    status: 401,
    message:
      'OpenCodex: the request carries no valid access token. Connect Codex again ("OpenCodex: Connect Codex" in VS Code); for other clients, "ocx token" prints the token, to be sent as API key or in the header x-opencodex-token.',
  };
}

/** A page cannot send JSON without asking first, and we never say yes. */
export function refuseOtherThanJson(request: IncomingMessage): Refusal | undefined {
  const type = request.headers['content-type'] ?? '';
  if (/^application\/json\s*(?:;|$)/i.test(type.trim())) return undefined;
  return {
    status: 415,
    message: `OpenCodex: the request body must be JSON with the header "content-type: application/json"${type === '' ? '; it has none' : ''}.`,
  };
}

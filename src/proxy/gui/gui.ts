import type { IncomingMessage, ServerResponse } from 'node:http';
import { send, sendJson } from '../answer.ts';
import { isSameOrigin } from '../guard.ts';
import { guiFile, guiTexts } from './guiFiles.ts';
import { endedPage, guiPage } from './guiPage.ts';
import { type GuiSecrets, GuiSessions } from './guiSessions.ts';

/** Gives out a code for a browser; with the access token only, not with a session. */
export const guiCodePath = '/api/gui/code';

const root = '/gui/';

/** In which the page sends its part of the session. */
const pageHeader = 'x-opencodex-page';

/** Nothing but our own files runs or loads, nobody frames it, and no address of it leaks. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** The dashboard for a browser: its files, and the sessions with which its page may ask. */
export class Gui {
  readonly #sessions = new GuiSessions();

  /** Whether a page of ours sends this, in a session that is in force. */
  isOwnPage(request: IncomingMessage, port: number): boolean {
    const page = request.headers[pageHeader];
    if (typeof page !== 'string' || !isSameOrigin(request)) return false;
    return cookies(request, port).some((session) => this.#sessions.isOpen({ session, page }));
  }

  sendCode(response: ServerResponse): void {
    sendJson(response, 200, { code: this.#sessions.createCode() });
  }

  /** Answers `/gui/…`; `false` where there is no such page. */
  handle(request: IncomingMessage, response: ServerResponse, path: string, query: string): boolean {
    if (request.method !== 'GET' || !path.startsWith(root)) return false;
    const name = path.slice(root.length);
    if (name === '') this.#page(request, response, query);
    else if (name === 'ended') sendEnded(response);
    else return sendFile(response, name);
    return true;
  }

  /** What is in the browser's history opens nothing: its code has been used. */
  #page(request: IncomingMessage, response: ServerResponse, query: string): void {
    const port = request.socket.localPort ?? 0;
    const code = new URLSearchParams(query).get('code');
    const secrets = code === null ? undefined : this.#sessions.redeem(code);
    const known =
      code === null && cookies(request, port).some((session) => this.#sessions.isKnown(session));
    if (secrets !== undefined) sendPage(request, response, { secrets, port });
    else if (known) sendPage(request, response);
    else sendEnded(response);
  }
}

/** Cookies do not know ports; another proxy of this machine has its own. */
function cookieName(port: number): string {
  return `opencodex-${port}`;
}

function cookies(request: IncomingMessage, port: number): readonly string[] {
  const name = `${cookieName(port)}=`;
  const pairs = (request.headers.cookie ?? '').split(/; */);
  return pairs.filter((pair) => pair.startsWith(name)).map((pair) => pair.slice(name.length));
}

function sendFile(response: ServerResponse, name: string): boolean {
  const file = guiFile(name);
  if (file !== undefined) send(response, 200, file.type, file.text, headers);
  return file !== undefined;
}

function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  entered?: { readonly secrets: GuiSecrets; readonly port: number },
): void {
  const { language, texts } = guiTexts(request.headers['accept-language']);
  const page = guiPage(language, texts, entered?.secrets.page);
  const cookie = entered && {
    'set-cookie': `${cookieName(entered.port)}=${entered.secrets.session}; Path=/; HttpOnly; SameSite=Strict`,
  };
  send(response, 200, 'text/html; charset=utf-8', page, { ...headers, ...cookie });
}

function sendEnded(response: ServerResponse): void {
  send(response, 401, 'text/html; charset=utf-8', endedPage(), headers);
}

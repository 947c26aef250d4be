import type { IncomingMessage, ServerResponse } from 'node:http';
import { send, sendJson } from '../answer.ts';
import { isSameOrigin } from '../guard.ts';
import { guiFile, guiTexts } from './guiFiles.ts';
import { endedPage, guiPage } from './guiPage.ts';
import { GuiSessions } from './guiSessions.ts';

/** Gives out a code for a browser; with the access token only, not with a session. */
export const guiCodePath = '/api/gui/code';

const root = '/gui/';

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
    return isSameOrigin(request) && this.#hasSession(request, port);
  }

  sendCode(response: ServerResponse): void {
    sendJson(response, 200, { code: this.#sessions.createCode() });
  }

  /** Answers `/gui/…`; `false` where there is no such page. */
  handle(request: IncomingMessage, response: ServerResponse, path: string, query: string): boolean {
    if (request.method !== 'GET' || !path.startsWith(root)) return false;
    const port = request.socket.localPort ?? 0;
    const name = path.slice(root.length);
    if (name !== '') return sendFile(response, name);
    const code = new URLSearchParams(query).get('code');
    if (code !== null) this.#enter(response, code, port);
    else if (this.#hasSession(request, port)) sendPage(request, response);
    else sendEnded(response);
    return true;
  }

  /** Takes the code out of the address: what is in the history opens nothing. */
  #enter(response: ServerResponse, code: string, port: number): void {
    const session = this.#sessions.redeem(code);
    if (session === undefined) {
      sendEnded(response);
      return;
    }
    const cookie = `${cookieName(port)}=${session}; Path=/; HttpOnly; SameSite=Strict`;
    send(response, 303, 'text/plain', '', { ...headers, location: root, 'set-cookie': cookie });
  }

  #hasSession(request: IncomingMessage, port: number): boolean {
    const name = `${cookieName(port)}=`;
    return (request.headers.cookie ?? '')
      .split(/; */)
      .some((pair) => pair.startsWith(name) && this.#sessions.isOpen(pair.slice(name.length)));
  }
}

/** Cookies do not know ports; another proxy of this machine has its own. */
function cookieName(port: number): string {
  return `opencodex-${port}`;
}

function sendFile(response: ServerResponse, name: string): boolean {
  const file = guiFile(name);
  if (file !== undefined) send(response, 200, file.type, file.text, headers);
  return file !== undefined;
}

function sendPage(request: IncomingMessage, response: ServerResponse): void {
  const { language, texts } = guiTexts(request.headers['accept-language']);
  send(response, 200, 'text/html; charset=utf-8', guiPage(language, texts), headers);
}

function sendEnded(response: ServerResponse): void {
  send(response, 401, 'text/html; charset=utf-8', endedPage(), headers);
}

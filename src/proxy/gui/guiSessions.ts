import { createHash, randomBytes } from 'node:crypto';
import { keepNewest } from '../../language/keepNewest.ts';

const codeMs = 60_000;
const mostCodes = 8;
const sessionMs = 12 * 60 * 60_000;
const mostSessions = 8;

/** What a browser holds of its session. */
export interface GuiSecrets {
  /** As a cookie. Cookies know no ports: what listens elsewhere on this machine gets to see it. */
  readonly session: string;
  /** Held by the page alone. */
  readonly page: string;
}

interface Session {
  readonly page: string;
  until: number;
}

/**
 * Who may use the management API from a browser. A program that has the access token gets a code for
 * one minute and one use; the browser gives it back and gets a session, for which it then presents
 * two secrets. All are known by their digest only, and in memory only.
 */
export class GuiSessions {
  readonly #now: () => number;
  /** Until when each holds. */
  readonly #codes = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  createCode(): string {
    const code = newSecret();
    this.#codes.set(digestOf(code), this.#now() + codeMs);
    keepNewest(this.#codes, mostCodes);
    return code;
  }

  /** The session for a code; `undefined` where it was used before, is too old, or never was. */
  redeem(code: string): GuiSecrets | undefined {
    const digest = digestOf(code);
    const until = this.#codes.get(digest);
    this.#codes.delete(digest);
    if (until === undefined || this.#now() >= until) return undefined;
    const secrets = { session: newSecret(), page: newSecret() };
    this.#sessions.set(digestOf(secrets.session), {
      page: digestOf(secrets.page),
      until: this.#now() + sessionMs,
    });
    keepNewest(this.#sessions, mostSessions);
    return secrets;
  }

  /** Whether there is such a session: enough to get the page, which holds no secret then. */
  isKnown(session: string): boolean {
    return this.#find(digestOf(session)) !== undefined;
  }

  /** Whether the page of a session in force asks; its use prolongs it. */
  isOpen({ session, page }: GuiSecrets): boolean {
    const digest = digestOf(session);
    const known = this.#find(digest);
    if (known?.page !== digestOf(page)) return false;
    known.until = this.#now() + sessionMs;
    // The one that was used last stands last.
    this.#sessions.delete(digest);
    this.#sessions.set(digest, known);
    return true;
  }

  #find(digest: string): Session | undefined {
    const known = this.#sessions.get(digest);
    return known !== undefined && this.#now() < known.until ? known : undefined;
  }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}

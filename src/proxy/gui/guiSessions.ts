import { createHash, randomBytes } from 'node:crypto';

const codeMs = 60_000;
const mostCodes = 8;
const sessionMs = 12 * 60 * 60_000;
const mostSessions = 8;

/**
 * Who may use the management API from a browser. A program that has the access token gets a code for
 * one minute and one use; the browser gives it back and gets a session. Both are known by their
 * digest only, and in memory only.
 */
export class GuiSessions {
  readonly #now: () => number;
  /** Until when each holds. */
  readonly #codes = new Map<string, number>();
  readonly #sessions = new Map<string, number>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  createCode(): string {
    return this.#create(this.#codes, codeMs, mostCodes);
  }

  /** The session for a code; `undefined` where it was used before, is too old, or never was. */
  redeem(code: string): string | undefined {
    const digest = digestOf(code);
    const known = this.#holds(this.#codes, digest);
    this.#codes.delete(digest);
    return known ? this.#create(this.#sessions, sessionMs, mostSessions) : undefined;
  }

  /** Whether a session is in force; its use prolongs it. */
  isOpen(session: string): boolean {
    const digest = digestOf(session);
    if (!this.#holds(this.#sessions, digest)) return false;
    this.#sessions.delete(digest);
    this.#sessions.set(digest, this.#now() + sessionMs);
    return true;
  }

  #create(among: Map<string, number>, ms: number, most: number): string {
    const secret = randomBytes(32).toString('base64url');
    const [oldest] = among.keys();
    if (among.size >= most && oldest !== undefined) among.delete(oldest);
    among.set(digestOf(secret), this.#now() + ms);
    return secret;
  }

  #holds(among: ReadonlyMap<string, number>, digest: string): boolean {
    const until = among.get(digest);
    return until !== undefined && this.#now() < until;
  }
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}

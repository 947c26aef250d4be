import type { WebCall } from '../../providers/webCall.ts';
import type { AccountCredential } from '../accounts/credential.ts';
import type { LoginDefinition, LoginEndpoints } from './definitions.ts';
import type { PasteAnswer } from './pasteCode.ts';
import type { TokenOutcome } from './tokenRequest.ts';

/** What the user has to do. */
export type LoginStep =
  /** Open `url`, compare or enter the code, confirm. */
  | {
      readonly kind: 'device';
      readonly url: string;
      /** Holds the code already, where the provider has such an address. */
      readonly urlWithCode: string | undefined;
      readonly code: string;
    }
  /** Open `url`; where the browser is on another machine, or does not come back, `manualUrl`, and paste. */
  | {
      readonly kind: 'browser';
      readonly url: string | undefined;
      readonly manualUrl: string;
    };

/** Time, which tests turn themselves. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** Ends early, without failing, when the signal says so. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What a way to log in works with. */
export interface FlowContext {
  readonly definition: LoginDefinition;
  readonly endpoints: LoginEndpoints;
  readonly call: WebCall;
  /** Our own identity. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The browser is on another machine. */
  readonly remote: boolean;
  show(step: LoginStep): void;
  /** From now on the user's pastes come here. */
  onPaste(take: (text: string) => PasteAnswer): void;
  /** The user is done; what is left takes a moment. */
  finishing(): void;
}

export type FlowResult =
  | { readonly kind: 'granted'; readonly credential: AccountCredential }
  /** This way is not offered: the next one is tried. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'cancelled' }
  /** `message` goes on from "<label>: ". */
  | { readonly kind: 'failed'; readonly message: string };

export function failed(message: string): FlowResult {
  return { kind: 'failed', message };
}

/** Why a token endpoint gave no tokens, where trying again is not worth it. */
export function notGranted(outcome: Exclude<TokenOutcome, { kind: 'granted' }>): FlowResult {
  switch (outcome.kind) {
    case 'failed':
      if (outcome.aborted) return { kind: 'cancelled' };
      return failed(
        outcome.sent
          ? `the answer to the login was lost: ${outcome.message} Log in again; the old code cannot be used twice.`
          : outcome.message,
      );
    case 'refused': {
      if (outcome.status === 429) {
        return failed(`too many logins were tried. Try again ${when(outcome.retryAfterMs)}.`);
      }
      const name = outcome.error === undefined ? '' : `, ${outcome.error}`;
      return failed(
        outcome.status >= 500
          ? `its login service does not work right now (HTTP ${outcome.status}). Log in again later.`
          : `its login service refused the login (HTTP ${outcome.status}${name}). Log in again, or use an API key.`,
      );
    }
  }
}

function when(ms: number | undefined): string {
  if (ms === undefined) return 'later';
  const seconds = Math.ceil(ms / 1000);
  return seconds < 120 ? `in ${seconds} seconds` : `in ${Math.ceil(seconds / 60)} minutes`;
}

import { type TurnError, turnError } from '../../turn/error.ts';
import type { LoginDefinition } from '../logins/definitions.ts';
import type { TokenOutcome } from '../logins/tokenRequest.ts';
import type { StoreProblem } from './authFile.ts';

/** What a turn hears when there is no token for it. The name that the user knows, and what to do. */

export function notLoggedIn({ label, provider }: LoginDefinition): TurnError {
  return turnError(
    'auth',
    `${label}: you are not logged in to an account. Run "ocx login ${provider}", or use an API key: set "authMode": "key".`,
  );
}

export function loginEnded({ label, provider }: LoginDefinition): TurnError {
  return turnError(
    'auth',
    `${label}: the account login has ended and cannot be renewed. Log in again with "ocx login ${provider}", or use an API key: set "authMode": "key".`,
  );
}

export function loginNotPermitted({ label }: LoginDefinition): TurnError {
  return turnError(
    'auth',
    `${label}: account logins of this provider are turned off, because its terms do not allow them in programs like this one. Use an API key: set "authMode": "key".`,
  );
}

export function storeFailed({ label }: LoginDefinition, problem: StoreProblem): TurnError {
  return turnError(problem.kind === 'busy' ? 'overloaded' : 'auth', `${label}: ${problem.message}`);
}

export function refreshBusy({ label }: LoginDefinition): TurnError {
  return turnError(
    'overloaded',
    `${label}: another program is renewing the account login and does not come to an end. Try again in a minute.`,
  );
}

/** RFC 6749 §5.2 and §4.1.2.1: whatever else a service calls its error may be a secret. */
const errorNames: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'access_denied',
  'server_error',
  'temporarily_unavailable',
]);

export function refreshFailed(
  { label }: LoginDefinition,
  outcome: Exclude<TokenOutcome, { kind: 'granted' }>,
): TurnError {
  const start = `${label}: the account login could not be renewed:`;
  if (outcome.kind === 'failed') return turnError('network', `${start} ${outcome.message}`);
  const { status, error } = outcome;
  if (status === 429) {
    return turnError('rate_limit', `${start} its login service asks to wait.`, { status });
  }
  const name = error !== undefined && errorNames.has(error) ? ` (${error})` : '';
  return turnError(
    'upstream',
    `${start} its login service answered with HTTP ${status}${name}. Your login is kept; try again later.`,
    { status },
  );
}

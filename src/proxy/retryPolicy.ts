import type { TurnError, TurnErrorKind } from '../turn/error.ts';

/** An attempt that failed before the client heard anything of the answer. */
export interface FailedAttempt {
  readonly error: TurnError;
  /** How often this model was tried in this turn, this attempt included. */
  readonly tries: number;
  /** Since the turn began. */
  readonly elapsedMs: number;
  /** The login is Codex's own, which tries again itself: only a lost connection is repeated. */
  readonly clientRetries: boolean;
  /** Another credential may be had, and was not tried yet. */
  readonly canRenew: boolean;
  /** The adapter knows how to ask so that this refusal does not come again. */
  readonly canRemedy: boolean;
  /** There is another model to go to. */
  readonly canFallBack: boolean;
  /** The attempt was not sent: the provider has failed too often just now, and is left alone so long. */
  readonly restMs: number | undefined;
}

export type Decision =
  | { readonly next: 'renew' }
  | { readonly next: 'remedy' }
  | { readonly next: 'retry'; readonly waitMs: number }
  | { readonly next: 'fallBack' }
  /** Tell the client. */
  | { readonly next: 'reject' };

interface Rule {
  /** Further tries with the same model. */
  readonly retries: number;
  /** Before the first of them, on average; twice as long before each further one. */
  readonly backOffMs: number;
  /** Another model may well be able to. */
  readonly fallBack: boolean;
}

const never: Rule = { retries: 0, backOffMs: 0, fallBack: false };
const rules: Readonly<Record<TurnErrorKind, Rule>> = {
  network: { retries: 2, backOffMs: 150, fallBack: true },
  overloaded: { retries: 2, backOffMs: 400, fallBack: true },
  // Only where the provider says how long: Codex waits, too.
  rate_limit: { retries: 2, backOffMs: 0, fallBack: true },
  // A failure inside of a server comes again more often than not.
  upstream: { retries: 1, backOffMs: 400, fallBack: true },
  cut: { retries: 1, backOffMs: 150, fallBack: true },
  billing: { ...never, fallBack: true },
  auth: never,
  permission: never,
  unknown_model: never,
  bad_request: never,
  context_overflow: never,
  rejected: never,
  internal: never,
};

/** A longer wait is the client's to decide: it shows the user what is going on. */
const longestWaitMs = 5_000;
/** With another model at hand nobody waits much. */
const longestWaitBeforeFallBackMs = 1_000;
/** A turn that has taken so long is not tried again in silence. */
const patienceMs = 15_000;

/** What to do about a failed attempt. `random` is from 0 to 1. */
export function decide(failed: FailedAttempt, random: number): Decision {
  const { error, canFallBack } = failed;
  if (error.kind === 'auth' && failed.canRenew) return { next: 'renew' };
  if (failed.canRemedy) return { next: 'remedy' };
  const rule = rules[error.kind];
  const waitMs = retryWait(failed, rule, random);
  if (waitMs !== undefined) return { next: 'retry', waitMs };
  return rule.fallBack && canFallBack ? { next: 'fallBack' } : { next: 'reject' };
}

/** How long to wait before the next try, if there is to be one. */
function retryWait(failed: FailedAttempt, rule: Rule, random: number): number | undefined {
  const { error, tries, canFallBack, restMs } = failed;
  if (tries > (canFallBack ? Math.min(rule.retries, 1) : rule.retries)) return undefined;
  if (failed.elapsedMs > patienceMs) return undefined;
  if (failed.clientRetries && error.kind !== 'network') return undefined;
  if (restMs !== undefined && canFallBack) return undefined;
  // A page, or an answer that is none: the address is wrong, and stays so.
  if (error.kind === 'upstream' && error.status === undefined) return undefined;
  const asked = restMs ?? askedWait(error);
  if (asked === undefined && error.kind === 'rate_limit') return undefined;
  const backOff = rule.backOffMs * 2 ** (tries - 1) * (0.5 + random);
  // Not all who were told the same time should come back at once.
  const waitMs = Math.max(backOff, (asked ?? 0) * (1 + random / 10));
  const longest = canFallBack ? longestWaitBeforeFallBackMs : longestWaitMs;
  return (asked ?? 0) <= longest ? waitMs : undefined;
}

function askedWait({ retryAfterSeconds }: TurnError): number | undefined {
  return retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000;
}

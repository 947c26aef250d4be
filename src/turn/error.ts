/**
 * Why a turn failed, as a value. `responses/errors.ts` decides how Codex hears of it; the sentence
 * is for the user and never holds a secret.
 */
export interface TurnError {
  readonly kind: TurnErrorKind;
  /** What happened, at which provider, what to do. One or two sentences. */
  readonly message: string;
  /** The upstream's HTTP status, where there was one. */
  readonly status: number | undefined;
  /** Whole seconds that the provider asked to wait. */
  readonly retryAfterSeconds: number | undefined;
}

export type TurnErrorKind =
  /** The client's request cannot be understood. */
  | 'bad_request'
  /** No such provider or model, or it is not configured. */
  | 'unknown_model'
  /** The provider refuses the credential, or there is none. */
  | 'auth'
  /** The credential is good but may not do this. */
  | 'permission'
  /** Credit or plan is used up: waiting does not help. */
  | 'billing'
  /** The conversation is longer than the model's context window. */
  | 'context_overflow'
  /** The provider refuses the request for another lasting reason. */
  | 'rejected'
  | 'rate_limit'
  | 'overloaded'
  /** The provider failed, answered nonsense, or said that it failed. */
  | 'upstream'
  /** The provider cannot be reached. */
  | 'network'
  /** The answer ended before it was complete. */
  | 'cut'
  /** A fault of ours. */
  | 'internal';

/** Builds a TurnError; the optional facts default to unknown. */
export function turnError(
  kind: TurnErrorKind,
  message: string,
  facts: { readonly status?: number; readonly retryAfterSeconds?: number } = {},
): TurnError {
  return {
    kind,
    // Half a character, of a provider that was quoted, would cost Codex the whole event.
    message: message.toWellFormed(),
    status: facts.status,
    retryAfterSeconds: facts.retryAfterSeconds,
  };
}

/**
 * One small request to a service of a provider: a key check, a model list, a login. Redirects are
 * never followed, because they would take the credential elsewhere.
 */
export interface WebRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  /** Lower-case names, credentials included. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the first try to connect to the last byte. Default 15 seconds. */
  readonly timeoutMs?: number;
  /** Default 4 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export type WebAnswer =
  | {
      readonly ok: true;
      readonly status: number;
      /** Lower-case names; of repeated ones the first counts. */
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly body: string;
    }
  | {
      readonly ok: false;
      readonly kind: 'unreachable' | 'lost' | 'timeout' | 'too_large' | 'aborted';
      /** The service may have acted on the request, although its answer was not read. */
      readonly sent: boolean;
      /** Goes on from "<label>: ". */
      readonly message: string;
    };

export type WebCall = (request: WebRequest) => Promise<WebAnswer>;

/** What the proxy tells about itself: plain, cloneable, and never a secret. */
export type ProxyState =
  | { readonly status: 'starting' }
  | { readonly status: 'listening'; readonly port: number }
  /** Another OpenCodex (a window, or `ocx start`) serves this port; we take over when it ends. */
  | { readonly status: 'elsewhere'; readonly port: number }
  | { readonly status: 'failed'; readonly failure: StartFailure }
  | { readonly status: 'stopped' };

export interface StartFailure {
  readonly kind: 'port_in_use' | 'config' | 'home' | 'internal';
  /** What happened, why, what to do. */
  readonly message: string;
  readonly port: number | undefined;
}

export interface Activity {
  /** Turns that are running now. */
  readonly active: number;
  /** `provider/model` of the newest turn. */
  readonly lastModel: string | undefined;
  /** Turns that were answered since the start. */
  readonly served: number;
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Redacted, without a time. */
  readonly text: string;
}

/** What a window shows about the proxy. Never holds a secret. */
export interface ProxySnapshot {
  readonly state: ProxyState;
  readonly activity: Activity;
  readonly defaultProvider: string;
  readonly currentModel: string | undefined;
  readonly providers: readonly ProviderSummary[];
  /** The sentence of the config file's error, while the last good config stays in force. */
  readonly configError: string | undefined;
  readonly requests: readonly RequestSummary[];
}

export interface ProviderSummary {
  readonly id: string;
  readonly label: string;
  readonly adapter: string;
  readonly authMode: string;
  readonly models: readonly string[];
}

export interface RequestSummary {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly model: string;
  readonly provider: string;
  readonly status: 'running' | 'completed' | 'incomplete' | 'failed' | 'aborted';
  readonly error: string | undefined;
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number | undefined;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

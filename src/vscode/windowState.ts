import type { Activity, ProxySnapshot, ProxyState } from '../link/state.ts';

/** Everything that this window shows, in one value: status bar, dashboard and context keys read it. */
export interface WindowState {
  readonly proxy: ProxyState;
  readonly activity: Activity;
  /** The last one that the proxy gave; kept while it is stopped, so that pages do not go blank. */
  readonly snapshot: ProxySnapshot | undefined;
  readonly codex: CodexLink;
}

/**
 * `outdated`: Codex's config names us, but with another port or token, so that it gets no answer.
 * `unknown` until config.toml was read, or when it cannot be read.
 */
export type CodexLink = 'connected' | 'outdated' | 'disconnected' | 'unknown';

export const firstState: WindowState = {
  proxy: { status: 'stopped' },
  activity: { active: 0, lastModel: undefined, served: 0 },
  snapshot: undefined,
  codex: 'unknown',
};

/** The port that answers Codex now, if any. */
export function servingPort(proxy: ProxyState): number | undefined {
  return proxy.status === 'listening' || proxy.status === 'elsewhere' ? proxy.port : undefined;
}

/** What the log says of a state; a failure is logged where it happens. */
export function stateSentence(proxy: ProxyState): string | undefined {
  switch (proxy.status) {
    case 'starting':
      return 'The proxy is starting.';
    case 'listening':
      return `The proxy listens on ${baseUrl(proxy.port)}.`;
    case 'elsewhere':
      return `Another window or ocx serves ${baseUrl(proxy.port)}; this window takes over when it ends.`;
    case 'failed':
      return undefined;
    case 'stopped':
      return 'The proxy is stopped.';
  }
}

/** The address that Codex and other clients are given. */
export function baseUrl(port: number): string {
  return `http://127.0.0.1:${port}/v1`;
}

/** What a model is called where space is short: `openrouter/z-ai/glm-5` is `glm-5`. */
export function shortModel(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** Whether there is something to disconnect. */
export function isConnected(codex: CodexLink): boolean {
  return codex === 'connected' || codex === 'outdated';
}

/** Whether there is something to stop. */
export function isRunning(proxy: ProxyState): boolean {
  return proxy.status === 'starting' || servingPort(proxy) !== undefined;
}

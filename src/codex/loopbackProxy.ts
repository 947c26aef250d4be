import type { Environment } from '../config/home.ts';

/** Whether an HTTP_PROXY gets the requests to this machine too: Codex makes no exception of its own. */
export function proxiesLoopback(env: Environment): boolean {
  const proxy = env['http_proxy'] || env['HTTP_PROXY'];
  const except = (env['no_proxy'] || env['NO_PROXY'] || '').split(',').map((host) => host.trim());
  return (
    proxy !== undefined &&
    proxy !== '' &&
    !except.some((host) => host === '127.0.0.1' || host === '*')
  );
}

/** The sentence for that. */
export const loopbackRemedy =
  'HTTP_PROXY is set, and Codex sends local requests through it too. Set NO_PROXY=127.0.0.1,localhost where Codex runs.';

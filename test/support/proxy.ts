import { localToken } from '../../src/credentials/token.ts';
import type { LogLine } from '../../src/link/state.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { writeConfig } from './configFile.ts';
import type { Scope } from './scope.ts';

/** The product's proxy in this process, on a free port and with a home of its own. */
export interface RunningProxy {
  readonly proxy: ReturnType<typeof createProxy>;
  readonly home: string;
  readonly port: number;
  /** With `/v1`, as Codex's config.toml wants it. */
  readonly baseUrl: string;
  readonly token: string;
  readonly log: readonly LogLine[];
}

export async function startProxy(
  scope: Scope,
  config: object,
  options: Partial<ProxyOptions> = {},
): Promise<RunningProxy> {
  const home = scope.directory('home');
  writeConfig(home, config);
  const log: LogLine[] = [];
  const proxy = createProxy({
    home,
    env: {},
    version: '0.0.0-test',
    port: 0,
    log: (line) => void log.push(line),
    ...options,
  });
  scope.add(() => proxy.stop(0));
  const state = await proxy.start();
  if (state.status !== 'listening') throw new Error(`the proxy is ${JSON.stringify(state)}`);
  return {
    proxy,
    home,
    port: state.port,
    baseUrl: `http://127.0.0.1:${state.port}/v1`,
    token: await localToken(home),
    log,
  };
}

import { createProxy } from '../../src/proxy/proxy.ts';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import type { RunningProxy } from '../support/proxy.ts';
import type { Scope } from '../support/scope.ts';

/** A second window of the same user, which follows the first. */
export async function follow(
  scope: Scope,
  first: RunningProxy,
  options: Partial<ProxyOptions> = {},
): Promise<ReturnType<typeof createProxy>> {
  const proxy = createProxy({
    home: first.home,
    env: {},
    version: '0.0.0-test',
    port: first.port,
    log: () => {},
    ...options,
  });
  scope.add(() => proxy.stop(0));
  await proxy.start();
  return proxy;
}

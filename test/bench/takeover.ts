// How long nobody serves when the serving window is killed: node test/bench/takeover.ts [rounds]
// Three processes as three windows have them, of the built worker. Measured on the machine's clock
// from the signal to the moment in which another one listens.
import { fileURLToPath } from 'node:url';
import { localToken } from '../../src/credentials/token.ts';
import { ask } from '../proxy/client.ts';
import { writeConfig } from '../support/configFile.ts';
import { freePort } from '../support/freePort.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxyProcess.ts';
import { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { median, percentile } from './statistics.ts';

const rounds = Number(process.argv[2] ?? 20);
const worker = fileURLToPath(new URL('../../dist/worker.cjs', import.meta.url));
const scope = new Scope();
const home = scope.directory('home');
const port = await freePort();
writeConfig(home, { providers: {} });
const token = await localToken(home);
const start = (): ProxyProcess => startProxyProcess(scope, { home, port, worker });

let serving = start();
await serving.reaches('listening');
let waiting = [start(), start()];
const took: number[] = [];
for (let round = 0; round < rounds; round++) {
  await until('two windows', async () => {
    const { body } = await ask({ port, token }, { path: '/api/state' });
    return JSON.parse(body).windows === 2;
  });
  const killed = await serving.kill();
  const next = await until('a takeover', () =>
    waiting.find(({ states }) => states.at(-1)?.status === 'listening'),
  );
  took.push((next.states.at(-1)?.at ?? 0) - killed);
  waiting = [...waiting.filter((window) => window !== next), start()];
  serving = next;
}
await scope.close();
const ms = (value: number): string => `${value.toFixed(1)} ms`;
console.log(
  `${rounds} takeovers: median ${ms(median(took))}, 95 % below ${ms(percentile(took, 0.95))}, longest ${ms(Math.max(...took))}`,
);

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// The program of a proxy in a process of its own; it says what becomes of it, line by line.
const { home, port, version, worker, keys } = JSON.parse(process.argv[2] ?? '{}');
const { createProxy } = await import(pathToFileURL(worker).href);

const say = (said: object): void => void process.stdout.write(`${JSON.stringify(said)}\n`);

const proxy = createProxy({
  home,
  port,
  version,
  env: { HOME: home, CODEX_HOME: home },
  log: ({ text }: { readonly text: string }) => say({ text }),
  onState: ({ status }: { readonly status: string }) => {
    say({ status, at: performance.timeOrigin + performance.now() });
  },
});
proxy.setVault(keys);
createInterface({ input: process.stdin }).on('line', async (graceMs) => {
  await proxy.stop(Number(graceMs));
  process.exit();
});
await proxy.start();

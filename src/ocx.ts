import { dropOldCompiled, keepCompiled } from './cli/compileCache.ts';
import { LineInput } from './cli/lineInput.ts';
import type { Terminal } from './cli/terminal.ts';
import { boundYoungSpace } from './cli/youngSpace.ts';
import { opencodexHome } from './config/home.ts';

/** Written in by the build. */
declare const __OPENCODEX_VERSION__: string | undefined;

const oldestNode = 22;

const version = typeof __OPENCODEX_VERSION__ === 'string' ? __OPENCODEX_VERSION__ : '0.0.0-source';
const input = new LineInput(process.stdin);

/** The build keeps the proxy and the commands outside, in worker.cjs and cli.cjs beside ocx.cjs. */
const theProxy = () => import('./worker.ts');

const terminal: Terminal = {
  env: process.env,
  version,
  print: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
  readLine: () => input.read(),
  readSecret: () => input.readSecret(),
  webCall: async () => (await theProxy()).createWebCall(process.env),
  openLogins: async (home) => (await theProxy()).openLogins(home, version, process.env),
  codexStay: async () => (await theProxy()).codexStay,
  createProxy: async (options) => {
    const { createProxy } = await theProxy();
    boundYoungSpace();
    void dropOldCompiled(options.home);
    return createProxy(options);
  },
  asked: () =>
    new Promise((resolve) => {
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    }),
};

async function main(): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    terminal.note(
      `ocx: Node ${oldestNode} or newer is needed, and this is Node ${process.versions.node} (${process.execPath}).`,
    );
    return 1;
  }
  await keepCompiled(opencodexHome(process.env));
  // Only now: an older Node could not even load the rest.
  const { runCli } = await import('./cli/cli.ts');
  return await runCli(process.argv.slice(2), terminal);
}

// `ocx status | head` closes its end early; that is no failure.
process.stdout.on('error', () => process.exit());

void main().then((code) => {
  input.close();
  process.exitCode = code;
});

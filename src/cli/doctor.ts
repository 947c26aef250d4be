import { styleText } from 'node:util';
import { checkSetup, type Finding } from '../codex/checkSetup.ts';
import { codexHome } from '../codex/home.ts';
import { opencodexHome } from '../config/home.ts';
import { defaultPort } from '../config/schema.ts';
import { setupHere } from '../proxy/setup.ts';
import type { Command } from './command.ts';
import { expectedPort } from './port.ts';
import { CommandFailure } from './terminal.ts';

/** Tests each link of the chain from Codex to the provider. */
export const doctor: Command = {
  usage: 'doctor [--port N] [--no-request]',
  summary: 'test every link of the chain, ending with a real answer',
  options: { port: { type: 'string' }, 'no-request': { type: 'boolean' } },
  async run(options, { env, print }) {
    const home = opencodexHome(env);
    const port = await expectedPort(options, home).catch((thrown: unknown) => {
      // What is wrong with config.json the first check says.
      if (thrown instanceof CommandFailure && options['port'] === undefined) return defaultPort;
      throw thrown;
    });
    const mayAsk = options['no-request'] !== true;
    const where = { home, codexHome: codexHome(env), env, port, mayAsk };
    let failures = 0;
    for await (const { check, finding } of checkSetup(setupHere(where))) {
      if (finding.status === 'fail') failures += 1;
      print(`${marks[finding.status]} ${check.title.padEnd(14)} ${finding.text}`);
      if (finding.remedy !== undefined) print(`${' '.repeat(17)}${finding.remedy}`);
    }
    if (failures > 0) {
      throw new CommandFailure(failures === 1 ? 'one check failed.' : `${failures} checks failed.`);
    }
  },
};

const marks: Readonly<Record<Finding['status'], string>> = {
  ok: styleText('green', '✓'),
  warn: styleText('yellow', '!'),
  fail: styleText('red', '✗'),
};

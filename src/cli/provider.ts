import { opencodexHome } from '../config/home.ts';
import type { Config } from '../config/schema.ts';
import { removeProvider, setDefaultProvider, setProviderKey } from '../providers/addProvider.ts';
import { catalog, catalogEntryAt } from '../providers/catalog.ts';
import { resolveProvider } from '../providers/resolve.ts';
import { checked, configAt, configuredProvider, storable, valid } from './checkedProvider.ts';
import type { Command, CommandOptions } from './command.ts';
import { keyAnswer } from './keyInput.ts';
import { addFrom, addOptions } from './providerAdd.ts';
import { providerLines } from './providerLines.ts';
import { CommandFailure, type Terminal } from './terminal.ts';

interface Call {
  readonly name: string | undefined;
  readonly options: CommandOptions;
  readonly terminal: Terminal;
  readonly home: string;
}

const actions: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  list,
  add: async ({ name, options, terminal, home }) => {
    await addFrom(name, options, terminal, home);
  },
  test,
  remove,
  key,
  default: makeDefault,
};

/** The providers of config.json: what there is, and every change to it. */
export const provider: Command = {
  usage: `provider <${Object.keys(actions).join('|')}> [name]`,
  summary: 'providers: show, add, check, remove, set a key',
  options: { ...addOptions, all: { type: 'boolean' } },
  positionals: { min: 1, max: 2 },
  async run(options, terminal, [action = '', name]) {
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (run === undefined) {
      throw new CommandFailure(`there is no "provider ${action}". Write "ocx ${provider.usage}".`);
    }
    await run({ name, options, terminal, home: opencodexHome(terminal.env) });
  },
};

async function list({ options, terminal, home }: Call): Promise<void> {
  if (options['all'] === true) {
    const width = Math.max(...catalog.map(({ id }) => id.length));
    for (const { id, label, unusable } of catalog) {
      const remark = unusable === undefined ? '' : ` (not usable: ${unusable})`;
      terminal.print(`${id.padEnd(width)}   ${label}${remark}`);
    }
    return;
  }
  for (const line of providerLines(await configAt(home), terminal.env)) terminal.print(line);
}

async function test(call: Call): Promise<void> {
  const { terminal } = call;
  const { provider: tested } = await named(call);
  if (tested.auth.mode === 'key' && tested.auth.source === 'vault') {
    throw new CommandFailure(
      `${tested.label}: its API key is in the editor's secret store, which only the editor reads. Test it there.`,
    );
  }
  const verdict = await checked(tested, terminal);
  if (verdict.kind === 'valid') terminal.print(valid(tested));
  else if (verdict.kind === 'refused') throw new CommandFailure(verdict.reason);
  else terminal.print(`Could not be checked. ${verdict.reason}`);
}

async function remove(call: Call): Promise<void> {
  const { terminal, home } = call;
  const { provider: removed } = await named(call);
  const { auth, id } = removed;
  const config = await removeProvider(home, id);
  terminal.print(`Removed ${id}.`);
  if (auth.mode === 'key' && auth.source === 'vault') {
    terminal.print('Its key is still in the secret store of the editor.');
  }
  if (auth.mode === 'oauth')
    terminal.print(`Its account login is kept: "ocx logout ${id}" ends it.`);
  if (!Object.hasOwn(config.providers, config.defaultProvider)) {
    terminal.print('No provider is left that model names without a provider go to.');
  } else if ((call.name ?? '') !== config.defaultProvider) {
    terminal.print(`The default provider is ${config.defaultProvider}.`);
  }
}

async function key(call: Call): Promise<void> {
  const { options, terminal, home } = call;
  const { provider: known, config } = await named(call);
  const entry = config.providers[known.id];
  if (entry === undefined || known.auth.mode !== 'key') {
    throw new CommandFailure(
      `${known.label} has no API key: it uses ${known.auth.mode === 'oauth' ? `an account login ("ocx login ${known.id}")` : "Codex's ChatGPT login"}.`,
    );
  }
  const record = catalogEntryAt(known.baseUrl);
  const apiKey = await keyAnswer(options, terminal, {
    label: known.label,
    page: record?.keyPage,
    optional: record === undefined || record.keyOptional === true,
  });
  const { keySource: _, apiKey: _old, ...rest } = entry;
  const changed = resolveProvider(known.id, { ...rest, apiKey });
  storable(await checked(changed, terminal), changed, terminal);
  await setProviderKey(home, known.id, apiKey === '' ? undefined : { apiKey });
  terminal.print(
    apiKey === ''
      ? `${known.id} has no key now.`
      : `The key of ${known.id} is stored in config.json, which only you can read.`,
  );
}

async function makeDefault(call: Call): Promise<void> {
  const { provider: chosen } = await named(call);
  await setDefaultProvider(call.home, chosen.id);
  call.terminal.print(`The default provider is ${chosen.id}.`);
}

async function named({ name, home }: Call): Promise<{
  readonly provider: ReturnType<typeof configuredProvider>;
  readonly config: Config;
}> {
  if (name === undefined) throw new CommandFailure('which provider? Give its name.');
  const config = await configAt(home);
  return { provider: configuredProvider(config, name), config };
}

import { connectCodex } from '../codex/connect.ts';
import { codexHome } from '../codex/home.ts';
import { opencodexHome } from '../config/home.ts';
import { updateConfig } from '../config/save.ts';
import { defaultPort } from '../config/schema.ts';
import { localToken } from '../credentials/token.ts';
import { setDefaultProvider } from '../providers/addProvider.ts';
import { catalogEntry } from '../providers/catalog.ts';
import { configAt } from './checkedProvider.ts';
import type { Command, CommandOptions } from './command.ts';
import { portOption } from './port.ts';
import { addFrom, addOptions } from './providerAdd.ts';
import { agrees, ask } from './question.ts';
import { CommandFailure, type Terminal } from './terminal.ts';

/** From nothing to a Codex that uses a provider: every question has a flag. */
export const init: Command = {
  usage: 'init [provider]',
  summary: 'set up: a provider, its key, the port, Codex',
  options: {
    ...addOptions,
    port: { type: 'string' },
    connect: { type: 'boolean' },
    'no-connect': { type: 'boolean' },
  },
  positionals: { min: 0, max: 1 },
  async run(options, terminal, [preset]) {
    const home = opencodexHome(terminal.env);
    const id = await chosenProvider(preset, options, terminal, home);
    await chooseModel(id, options, terminal, home);
    const port = await chosenPort(options, terminal, home);
    if (!(await wantsCodex(options, terminal))) {
      terminal.print('Start the proxy with "ocx start", and connect Codex in the editor.');
      return;
    }
    const token = await localToken(home);
    const folder = codexHome(terminal.env);
    const connected = await connectCodex({ codexHome: folder, home, port, token });
    if (!connected.ok) throw new CommandFailure(connected.message);
    for (const warning of connected.warnings) terminal.note(`Warning: ${warning}`);
    terminal.print(`Codex uses the proxy (${connected.path}). Start it with "ocx start".`);
  },
};

/** The provider that is configured already, or the one that is added now. */
async function chosenProvider(
  preset: string | undefined,
  options: CommandOptions,
  terminal: Terminal,
  home: string,
): Promise<string> {
  const config = await configAt(home);
  const name =
    preset ??
    (await ask(terminal, 'Provider, by its name in the catalog, or "custom"', {
      flag: 'the first argument',
      default: config.defaultProvider,
    }));
  const known = options['name'] ?? catalogEntry(name)?.id ?? name;
  if (typeof known === 'string' && Object.hasOwn(config.providers, known)) {
    terminal.print(`${known} is configured already.`);
    return known;
  }
  const { id } = await addFrom(name, options, terminal, home);
  return id;
}

/** Codex's current model, and the provider of names that no other rule claims. */
async function chooseModel(
  id: string,
  options: CommandOptions,
  terminal: Terminal,
  home: string,
): Promise<void> {
  const { providers } = await configAt(home);
  const usual = providers[id]?.defaultModel;
  const given = options['model'];
  const model =
    typeof given === 'string'
      ? given
      : await ask(terminal, `Default model of ${id} ("ocx models ${id}" lists them)`, {
          flag: '--model',
          default: usual ?? 'none',
        });
  await setDefaultProvider(home, id);
  if (model === 'none') return;
  await updateConfig(home, (raw) => ({ ...raw, currentModel: `${id}/${model}` }));
  terminal.print(`Default model: ${id}/${model}.`);
}

async function chosenPort(
  options: CommandOptions,
  terminal: Terminal,
  home: string,
): Promise<number> {
  const config = await configAt(home);
  const usual = config.port ?? defaultPort;
  const port =
    portOption(options) ??
    portOption({
      port: await ask(terminal, 'Port of the proxy', { flag: '--port', default: String(usual) }),
    }) ??
    usual;
  if (port === 0) throw new CommandFailure('the port must be a number from 1 to 65535.');
  if (port !== config.port) await updateConfig(home, (raw) => ({ ...raw, port }));
  return port;
}

async function wantsCodex(options: CommandOptions, terminal: Terminal): Promise<boolean> {
  if (options['no-connect'] === true) return false;
  if (options['connect'] === true) return true;
  return await agrees(terminal, 'Connect Codex to the proxy now? Its config.toml is changed');
}

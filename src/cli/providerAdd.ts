import { wires } from '../adapters/target.ts';
import type { ProviderAnswers, ProviderDraft } from '../providers/addProvider.ts';
import { addProvider, draftProvider, setDefaultProvider } from '../providers/addProvider.ts';
import { catalogEntry } from '../providers/catalog.ts';
import type { CatalogEntry } from '../providers/catalogEntry.ts';
import { resolveProvider } from '../providers/resolve.ts';
import { checked, configAt, storable } from './checkedProvider.ts';
import type { CommandOptions } from './command.ts';
import { keyAnswer, keyOptions } from './keyInput.ts';
import { agrees, ask } from './question.ts';
import { CommandFailure, type Terminal } from './terminal.ts';

/** The flags that answer what the dialogue would ask. */
export const addOptions = {
  ...keyOptions,
  name: { type: 'string' },
  'base-url': { type: 'string' },
  adapter: { type: 'string' },
  model: { type: 'string' },
  models: { type: 'string' },
  set: { type: 'string' },
  login: { type: 'boolean' },
  default: { type: 'boolean' },
} as const;

type Draft = Extract<ProviderDraft, { ok: true }>;

/** Asks for what the flags leave open, asks the provider about the key, and then stores. */
export async function addFrom(
  preset: string | undefined,
  options: CommandOptions,
  terminal: Terminal,
  home: string,
): Promise<Draft> {
  const config = await configAt(home);
  const name = preset ?? (await ask(terminal, presetQuestion, { flag: 'the first argument' }));
  const record = catalogEntry(name);
  if (record === undefined) throw unknownPreset(name);
  if (record.unusable !== undefined) {
    throw new CommandFailure(`${record.label}: ${record.unusable}`);
  }
  const known = await answersTo(record, options, terminal);
  const id = known.id ?? record.id;
  if (Object.hasOwn(config.providers, id)) {
    throw new CommandFailure(
      `there is a provider "${id}" already. Give another name with --name, remove it with "ocx provider remove ${id}", or change its key with "ocx provider key ${id}".`,
    );
  }
  const login = options['login'] === true || record.auth[0] !== 'key';
  const apiKey = login ? '' : await keyOf(record, known, options, terminal);
  const draft = await settled({ ...known, apiKey }, terminal);
  await addProvider(home, draft);
  if (options['default'] === true) await setDefaultProvider(home, draft.id);
  terminal.print(`Added ${draft.id} (${draft.entry.adapter} at ${draft.entry.baseUrl}).`);
  if (draft.entry.authMode === 'oauth') terminal.print(`Now run "ocx login ${record.id}".`);
  if (record.note !== undefined) terminal.print(record.note);
  return draft;
}

const presetQuestion =
  'Provider, by its name in the catalog ("ocx provider list --all" shows it), or "custom"';

function unknownPreset(name: string): CommandFailure {
  return new CommandFailure(
    `there is no provider "${name}" in the catalog. "ocx provider list --all" shows it; any other address is "ocx provider add custom".`,
  );
}

/** What the flags and the answers say, but for the key. */
async function answersTo(
  record: CatalogEntry,
  options: CommandOptions,
  terminal: Terminal,
): Promise<ProviderAnswers> {
  const text = (flag: string): string | undefined => {
    const value = options[flag];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const id =
    text('name') ??
    (record.id === 'custom'
      ? await ask(terminal, 'Name of the provider in config.json', { flag: '--name' })
      : undefined);
  const baseUrl = text('base-url');
  const values = await valuesFor(record, baseUrl, text('set'), terminal);
  const adapter = wires.find((wire) => wire === text('adapter'));
  if (text('adapter') !== undefined && adapter === undefined) {
    throw new CommandFailure(`--adapter is one of ${wires.join(', ')}.`);
  }
  const models = text('models')
    ?.split(',')
    .map((model) => model.trim());
  const model = text('model');
  return {
    preset: record.id,
    values,
    ...(id !== undefined && { id }),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(adapter !== undefined && { adapter }),
    ...(options['login'] === true && { authMode: 'oauth' as const }),
    ...(models !== undefined && { models }),
    ...(model !== undefined && { defaultModel: model }),
  };
}

/** What the entry's addresses ask for: `--set name=value,…`, else the dialogue. */
async function valuesFor(
  record: CatalogEntry,
  baseUrl: string | undefined,
  set: string | undefined,
  terminal: Terminal,
): Promise<Readonly<Record<string, string>>> {
  const values: Record<string, string> = {};
  for (const pair of set?.split(',') ?? []) {
    const [, name = '', value = ''] = /^\s*(\w+)=(.*)$/.exec(pair) ?? [];
    if (!record.asks?.some((asked) => asked.name === name)) {
      const names = (record.asks ?? []).map((asked) => `${asked.name}=…`).join(',');
      throw new CommandFailure(
        names === '' ? `${record.label} takes no --set.` : `--set is ${names} for ${record.label}.`,
      );
    }
    values[name] = value.trim();
  }
  for (const { name, prompt, default: usual } of record.asks ?? []) {
    const needed = baseUrl === undefined || !record.baseUrl.includes(`{${name}}`);
    if (!needed || values[name] !== undefined) continue;
    const flag = name === 'baseUrl' ? '--base-url' : `--set ${name}=…`;
    values[name] = await ask(terminal, prompt, {
      flag,
      ...(usual !== undefined && { default: usual }),
    });
  }
  return values;
}

async function keyOf(
  record: CatalogEntry,
  answers: ProviderAnswers,
  options: CommandOptions,
  terminal: Terminal,
): Promise<string> {
  const optional = record.keyOptional === true;
  const said = ['key-env', 'key-stdin', 'no-key'].some((flag) => options[flag] !== undefined);
  // Servers on this machine usually have none: nobody is made to press Enter for that.
  if (!said && record.kind === 'local') return '';
  const label = answers.id ?? record.label;
  return await keyAnswer(options, terminal, { label, page: record.keyPage, optional });
}

/** The draft whose address and key have been asked; a mistyped address may be corrected once. */
async function settled(answers: ProviderAnswers, terminal: Terminal): Promise<Draft> {
  const draft = draftProvider(answers);
  if (!draft.ok) throw new CommandFailure(draft.message);
  const provider = resolveProvider(draft.id, draft.entry);
  if (provider.auth.mode !== 'key') return draft;
  const verdict = await checked(provider, terminal);
  if (verdict.kind === 'unchecked' && verdict.betterBaseUrl !== undefined) {
    terminal.note(verdict.reason);
    const better = verdict.betterBaseUrl;
    if (await agrees(terminal, `Use ${better}?`)) {
      return await settled({ ...answers, baseUrl: better }, terminal);
    }
    throw new CommandFailure(`Nothing was stored. Give --base-url ${better}.`);
  }
  storable(verdict, provider, terminal);
  return draft;
}

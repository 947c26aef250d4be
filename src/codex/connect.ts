import { readFile, rm } from 'node:fs/promises';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { hasCatalogFile } from './catalogFile.ts';
import { blockState, openConfig, providersOf } from './configDocument.ts';
import {
  type Changed,
  type CodexFolders,
  type ConfigFile,
  changeConfig,
  type Failed,
  problemText,
  readConfig,
  warningsOf,
} from './configFile.ts';
import { connectText } from './connectText.ts';
import { disconnectText, type Edited } from './disconnectText.ts';
import { codexConfigPath } from './home.ts';
import { type LoginKind, loginKind } from './loginKind.ts';
import { profilePath, removeProfile, writeProfile } from './profileFile.ts';
import { type ProxyAddress, providerFields, providerId } from './providerTable.ts';

export type { CodexFolders } from './configFile.ts';

export interface ConnectOptions extends CodexFolders, ProxyAddress {
  /** Default: what Codex's auth.json says. */
  readonly login?: LoginKind;
  /** The file with the models, where the installed Codex reads no URL. */
  readonly catalogFile?: string;
}

export interface DisconnectOptions extends CodexFolders {
  /** Leave our provider in config.toml, unused, so that threads made through it can be resumed. */
  readonly keepProvider?: boolean;
}

export type ConnectionState =
  /** Codex uses the proxy. `upToDate` is false when connecting again would change the file. */
  | { readonly kind: 'connected'; readonly upToDate: boolean }
  /** Our provider is in the file, but Codex uses another. */
  | { readonly kind: 'dormant' }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'unreadable'; readonly message: string };

export type Preview =
  | {
      readonly ok: true;
      readonly path: string;
      /** The file's text now; empty where there is no file. */
      readonly before: string;
      /** The file's text after connecting, with the access token masked. */
      readonly after: string;
      readonly warnings: readonly string[];
    }
  | Failed;

/** Makes Codex use the proxy: writes our provider into config.toml. */
export async function connectCodex(options: ConnectOptions): Promise<Changed> {
  if (options.catalogFile !== undefined && !(await hasCatalogFile(options.home))) {
    return {
      ok: false,
      message: `The installed Codex is older than 0.161 and takes its models from a file, which the proxy has not written yet. Start the proxy and connect again, or update Codex.`,
    };
  }
  const outcome = await changeConfig(options, async (file) => {
    const edited = await connected(file, options);
    if (edited.ok && !mentionsUs(file.text) && file.bytes !== undefined) {
      await writeFileAtomic(backupPath(options), file.bytes, { mode: 0o600 });
    }
    return { edited, mode: 0o600 };
  });
  if (!outcome.ok) return outcome;
  const login = options.login ?? (await loginKind(options.codexHome));
  const wrote = await writeProfile(options.codexHome, providerFields(options, login)).catch(
    () => false,
  );
  return wrote ? outcome : { ...outcome, warnings: [...outcome.warnings, foreignProfile(options)] };
}

function foreignProfile({ codexHome }: CodexFolders): string {
  return `${profilePath(codexHome)} was not written by OpenCodex and stays as it is, so "codex --profile opencodex" does what it says.`;
}

/** Gives Codex back as it was: takes our edits out of config.toml. */
export async function disconnectCodex(options: DisconnectOptions): Promise<Changed> {
  const keepProvider = options.keepProvider === true;
  if (!keepProvider) await removeProfile(options.codexHome).catch(() => {});
  const outcome = await changeConfig(options, async (file) => {
    const edited = disconnectText(file.text, { keepProvider });
    const mode = edited.ok && !keepProvider ? (edited.facts.mode ?? 'keep') : 'keep';
    return { edited, mode, empties: !keepProvider };
  });
  if (outcome.ok && outcome.changed && !keepProvider) {
    await dropUselessBackup(options);
  }
  return outcome;
}

/** Takes up a change of Codex's login: the login decides in which header our token travels. */
export async function followLogin(options: ConnectOptions): Promise<void> {
  const file = await readConfig(codexConfigPath(options.codexHome));
  const opened = file.ok ? openConfig(file.text) : undefined;
  if (opened?.ok !== true || blockState(opened.document) !== 'connected') return;
  const base: unknown = Object(providersOf(opened.document.table)[providerId]).base_url;
  const ours = providerFields(options, 'none').find(([name]) => name === 'base_url')?.[1];
  // Another port is not ours to change: running threads hold on to it.
  if (JSON.stringify(base) === ours) await connectCodex(options);
}

/** Whether Codex uses the proxy at this address. */
export async function connectionState(options: ConnectOptions): Promise<ConnectionState> {
  const path = codexConfigPath(options.codexHome);
  const file = await readConfig(path);
  if (!file.ok) {
    return { kind: 'unreadable', message: file.message };
  }
  const opened = openConfig(file.text);
  if (!opened.ok) {
    return { kind: 'unreadable', message: problemText(path, opened.problem) };
  }
  const state = blockState(opened.document);
  if (state !== 'connected') {
    return { kind: state === 'none' ? 'disconnected' : state };
  }
  const edited = await connected(file, options);
  return { kind: 'connected', upToDate: edited.ok && edited.text === file.text };
}

/** What connecting would write. */
export async function previewConnection(options: ConnectOptions): Promise<Preview> {
  const path = codexConfigPath(options.codexHome);
  const file = await readConfig(path);
  if (!file.ok) {
    return file;
  }
  const edited = await connected(file, options);
  if (!edited.ok) {
    return { ok: false, message: problemText(path, edited.problem) };
  }
  return {
    ok: true,
    path,
    before: file.text.replaceAll(options.token, maskedToken),
    after: edited.text.replaceAll(options.token, maskedToken),
    warnings: warningsOf(edited.text),
  };
}

const maskedToken = '(local access token)';

async function connected(file: ConfigFile, options: ConnectOptions): Promise<Edited> {
  const login = options.login ?? (await loginKind(options.codexHome));
  const { catalogFile } = options;
  return connectText(
    file.text,
    { provider: providerFields(options, login), catalogFile },
    {
      noFinalNewline: false,
      mode: file.mode === 0o600 ? undefined : file.mode,
      created: file.bytes !== undefined ? 'nothing' : file.folderExists ? 'file' : 'folder',
    },
  );
}

/** Whether any trace of us is in the file. */
function mentionsUs(text: string): boolean {
  return text.includes('#opencodex');
}

function backupPath(options: CodexFolders): string {
  return `${codexConfigPath(options.codexHome)}.opencodex-backup`;
}

/** A backup that says what the file itself says again is of no use. */
async function dropUselessBackup(options: CodexFolders): Promise<void> {
  try {
    const [backup, file] = await Promise.all([
      readFile(backupPath(options)),
      readFile(codexConfigPath(options.codexHome)),
    ]);
    if (backup.equals(file)) {
      await rm(backupPath(options));
    }
  } catch {
    // There is no backup, or the user may delete it.
  }
}

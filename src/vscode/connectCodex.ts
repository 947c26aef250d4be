import { l10n, window } from 'vscode';
import * as codex from '../codex/connect.ts';
import { connectOptions } from '../codex/connectOptions.ts';
import { loopbackRemedy, proxiesLoopback } from '../codex/loopbackProxy.ts';
import { disconnectsOnExit, forgetReturn } from '../codex/stay.ts';
import { loadConfig } from '../config/load.ts';
import { updateConfig } from '../config/save.ts';
import { DiffPreview } from './diffPreview.ts';
import type { Parts } from './parts.ts';
import { servingPort } from './windowState.ts';

/** Shows what will be written into Codex's config, asks once, writes it. */
export async function connectCodex(parts: Parts): Promise<void> {
  const port = servingPort(parts.model.state.proxy);
  if (port === undefined) {
    const start = l10n.t('Start Proxy');
    const answer = await window.showWarningMessage(
      l10n.t(
        'The proxy is not running, so Codex would get no answer. Start it, then connect Codex.',
      ),
      start,
    );
    if (answer === start) await parts.proxy.start();
    return;
  }
  const options = await connectOptions(foldersOf(parts), port, process.env);
  const preview = await codex.previewConnection(options);
  if (!preview.ok) throw new Error(preview.message);
  const exit = await exitChoice(parts, options);

  const diff = await DiffPreview.open(preview, l10n.t('config.toml: now ↔ connected to OpenCodex'));
  const connect = l10n.t('Connect');
  let answer: string | undefined;
  try {
    answer = await window.showInformationMessage(
      `${l10n.t('Connect Codex? These lines are written to {0}. Your own lines stay, and Disconnect Codex brings the file back as it is now.', preview.path)} ${exit.sentence}`,
      connect,
      exit.other,
      l10n.t('Cancel'),
    );
  } finally {
    await diff.close();
  }
  if (answer === exit.other) {
    await updateConfig(parts.home, (raw) => ({ ...raw, disconnectOnExit: !exit.disconnects }));
  } else if (answer !== connect) {
    return;
  }
  await write(parts, options, l10n.t('Codex is connected.'));
}

interface ExitChoice {
  readonly disconnects: boolean;
  /** What happens to a Codex that outlives the editor. */
  readonly sentence: string;
  /** The button for the opposite. */
  readonly other: string;
}

async function exitChoice(parts: Parts, options: codex.ConnectOptions): Promise<ExitChoice> {
  const loaded = await loadConfig(parts.home);
  const config = loaded.ok ? loaded.config : {};
  const disconnects = await disconnectsOnExit(config, options.login ?? 'none');
  return disconnects
    ? {
        disconnects,
        sentence: l10n.t(
          'When the last window closes, Codex is disconnected until the next one opens, so that nobody else on this machine can answer in our place.',
        ),
        other: l10n.t('Connect and Stay Connected'),
      }
    : {
        disconnects,
        sentence: l10n.t(
          'While no window is open and no ocx runs, a Codex in a terminal waits for the network and goes on when one is back.',
        ),
        other: l10n.t('Connect, Disconnect on Exit'),
      };
}

/** Brings the address in Codex's config up to date; the user has asked for the change already. */
export async function reconnectCodex(parts: Parts, port: number): Promise<void> {
  const options = await connectOptions(foldersOf(parts), port, process.env);
  await write(parts, options, l10n.t('Codex now uses port {0}.', String(port)));
}

/** Gives Codex its config back, after the user has chosen what becomes of earlier threads. */
export async function disconnectCodex(parts: Parts): Promise<void> {
  const folders = foldersOf(parts);
  const answer = await window.showInformationMessage(
    l10n.t(
      'Disconnect Codex? Codex opens a thread only while the provider that made it is in config.toml. “{0}” brings the file back as it was: threads made through OpenCodex cannot be opened until you connect again. “{1}” leaves the provider there, unused: they can be opened while the proxy runs.',
      disconnect,
      keepThreads,
    ),
    disconnect,
    keepThreads,
    l10n.t('Cancel'),
  );
  if (answer !== disconnect && answer !== keepThreads) return;
  const keepProvider = answer === keepThreads;
  const outcome = await codex.disconnectCodex({ ...folders, keepProvider });
  if (!outcome.ok) throw new Error(outcome.message);
  await forgetReturn(folders);
  await parts.model.refreshCodex();
  const done = keepProvider
    ? l10n.t(
        'Codex is disconnected, and uses what you had chosen before. The provider of OpenCodex stays for earlier threads.',
      )
    : l10n.t('Codex is disconnected, and {0} is as it was.', outcome.path);
  void window.showInformationMessage(`${done} ${restart}`);
}

const disconnect = l10n.t('Disconnect');

const keepThreads = l10n.t('Disconnect, Keep Threads');

const restart = l10n.t('Restart Codex where it is running: it reads its config when it starts.');

async function write(parts: Parts, options: codex.ConnectOptions, done: string): Promise<void> {
  const outcome = await codex.connectCodex(options);
  if (!outcome.ok) throw new Error(outcome.message);
  await parts.model.refreshCodex();
  const warnings = [...outcome.warnings, ...(proxiesLoopback(process.env) ? [loopbackRemedy] : [])];
  const message = [done, restart, ...warnings].join(' ');
  void (warnings.length > 0
    ? window.showWarningMessage(message)
    : window.showInformationMessage(message));
}

function foldersOf({ home, codexFolder }: Parts): codex.CodexFolders {
  return { home, codexHome: codexFolder };
}

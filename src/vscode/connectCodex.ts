import { window } from 'vscode';
import * as codex from '../codex/connect.ts';
import { localToken } from '../credentials/token.ts';
import { DiffPreview } from './diffPreview.ts';
import type { Parts } from './parts.ts';
import { servingPort } from './windowState.ts';

/** Shows what will be written into Codex's config, asks once, writes it. */
export async function connectCodex(parts: Parts): Promise<void> {
  const port = servingPort(parts.model.state.proxy);
  if (port === undefined) {
    const answer = await window.showWarningMessage(
      'The proxy is not running, so Codex would get no answer. Start it, then connect Codex.',
      'Start Proxy',
    );
    if (answer === 'Start Proxy') await parts.proxy.start();
    return;
  }
  const options = await connectOptions(parts, port);
  const preview = await codex.previewConnection(options);
  if (!preview.ok) throw new Error(preview.message);

  const diff = await DiffPreview.open(preview, 'config.toml: now ↔ connected to OpenCodex');
  try {
    const answer = await window.showInformationMessage(
      `Connect Codex? These lines are written to ${preview.path}. Your own lines stay, and Disconnect Codex brings the file back as it is now.`,
      'Connect',
      'Cancel',
    );
    if (answer !== 'Connect') return;
  } finally {
    await diff.close();
  }
  await write(parts, options, 'Codex is connected.');
}

/** Brings the address in Codex's config up to date; the user has asked for the change already. */
export async function reconnectCodex(parts: Parts, port: number): Promise<void> {
  await write(parts, await connectOptions(parts, port), `Codex now uses port ${port}.`);
}

/** Gives Codex its config back. */
export async function disconnectCodex(parts: Parts): Promise<void> {
  const { home, codexFolder } = parts;
  const outcome = await codex.disconnectCodex({ home, codexHome: codexFolder });
  if (!outcome.ok) throw new Error(outcome.message);
  await parts.model.refreshCodex();
  void window.showInformationMessage(
    `Codex is disconnected, and ${outcome.path} is as it was. ${restart}`,
  );
}

const restart = 'Restart Codex where it is running: it reads its config when it starts.';

async function write(parts: Parts, options: codex.ConnectOptions, done: string): Promise<void> {
  const outcome = await codex.connectCodex(options);
  if (!outcome.ok) throw new Error(outcome.message);
  await parts.model.refreshCodex();
  const warnings = [
    ...outcome.warnings,
    ...(proxiesLoopback(process.env)
      ? [
          'HTTP_PROXY is set, and Codex sends local requests through it too. Set NO_PROXY=127.0.0.1,localhost where Codex runs.',
        ]
      : []),
  ];
  const message = [done, restart, ...warnings].join(' ');
  void (warnings.length > 0
    ? window.showWarningMessage(message)
    : window.showInformationMessage(message));
}

async function connectOptions(
  { home, codexFolder }: Parts,
  port: number,
): Promise<codex.ConnectOptions> {
  return { home, codexHome: codexFolder, port, token: await localToken(home) };
}

/** Codex has no exception of its own for loopback addresses. */
export function proxiesLoopback(env: Readonly<Record<string, string | undefined>>): boolean {
  const proxy = env['http_proxy'] || env['HTTP_PROXY'];
  const except = (env['no_proxy'] || env['NO_PROXY'] || '').split(',').map((host) => host.trim());
  return (
    proxy !== undefined &&
    proxy !== '' &&
    !except.some((host) => host === '127.0.0.1' || host === '*')
  );
}

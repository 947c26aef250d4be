import { createServer } from 'node:net';
import { l10n, window } from 'vscode';
import { updateConfig } from '../config/save.ts';
import { defaultPort } from '../config/schema.ts';
import { reconnectCodex } from './connectCodex.ts';
import type { Parts } from './parts.ts';
import { isConnected, servingPort } from './windowState.ts';

/** Those that a program may take without rights of its own. */
const lowest = 1024;
const highest = 65_535;

const mostTries = 100;

/** Asks for a port, the next free one offered, and serves there from then on. */
export async function changePort(parts: Parts): Promise<void> {
  const { proxy } = parts.model.state;
  const current =
    servingPort(proxy) ??
    (proxy.status === 'failed' ? proxy.failure.port : undefined) ??
    defaultPort;
  const answer = await window.showInputBox({
    title: l10n.t('Change Port'),
    prompt: l10n.t(
      'The port of the proxy on 127.0.0.1. Codex that is running must be restarted after a change.',
    ),
    value: String(await freePort(current)),
    validateInput: checkPort,
  });
  if (answer === undefined) return;
  await moveTo(parts, Number(answer));
}

/** Serves on `port` and lets Codex know, if it is connected. */
async function moveTo(parts: Parts, port: number): Promise<void> {
  await updateConfig(parts.home, (raw) => ({ ...raw, port }));
  await parts.proxy.start();
  if (isConnected(parts.model.state.codex)) {
    await reconnectCodex(parts, port);
  }
}

async function checkPort(text: string): Promise<string | undefined> {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < lowest || port > highest)
    return l10n.t('Enter a port from {0} to {1}.', String(lowest), String(highest));
  return (await isFree(port))
    ? undefined
    : l10n.t('Another program listens on port {0}.', String(port));
}

/** The next one that is free; behind the last one the search goes on with the first. */
async function freePort(current: number): Promise<number> {
  const after = (port: number): number => (port < highest ? port + 1 : lowest);
  let port = after(current);
  for (let tries = 0; tries < mostTries; tries += 1) {
    if (await isFree(port)) return port;
    port = after(port);
  }
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/atomicWrite.ts';

/** Writes `ocx` for every shell: it runs the script with the editor's own Node. */
export async function writeLaunchers(folder: string, node: string, script: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const sh = shLauncher(node, script);
  const cmd = cmdLauncher(node, script);
  await writeFileAtomic(join(folder, 'ocx'), sh, { mode: 0o755 });
  await writeFileAtomic(join(folder, 'ocx.cmd'), cmd, { mode: 0o755 });
}

export function shLauncher(node: string, script: string): string {
  return `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${quoted(node)} ${quoted(script)} "$@"\n`;
}

export function cmdLauncher(node: string, script: string): string {
  const path = (text: string): string => `"${text.replaceAll('%', '%%')}"`;
  const lines = ['@echo off', 'setlocal', 'set ELECTRON_RUN_AS_NODE=1'];
  return [...lines, `${path(node)} ${path(script)} %*`, ''].join('\r\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

import { Uri, window, workspace } from 'vscode';
import { configPath } from '../config/home.ts';
import { updateConfig } from '../config/save.ts';
import type { Parts } from './parts.ts';

/** Opens config.json, a new one where there is none yet: its schema helps to fill it. */
export async function openConfig({ home }: Parts): Promise<void> {
  const file = Uri.file(configPath(home));
  try {
    await workspace.fs.stat(file);
  } catch {
    await updateConfig(home, (raw) => raw);
  }
  await window.showTextDocument(file);
}

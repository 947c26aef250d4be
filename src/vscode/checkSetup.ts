import { l10n, ProgressLocation, window, workspace } from 'vscode';
import { type Finding, checkSetup as runChecks } from '../codex/checkSetup.ts';
import { defaultPort } from '../config/schema.ts';
import { setupHere } from '../proxy/setup.ts';
import type { Parts } from './parts.ts';
import { servingPort } from './windowState.ts';

/** Tests every link of the chain from Codex to the provider, and shows a report. */
export async function checkSetup({ home, codexFolder, model }: Parts): Promise<void> {
  const mayAsk = await askedForTokens();
  if (mayAsk === undefined) return;
  const port = servingPort(model.state.proxy) ?? defaultPort;
  const report = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Checking the setup') },
    async (progress) => {
      const lines = [`# ${l10n.t('OpenCodex setup')}`, ''];
      const where = { home, codexHome: codexFolder, env: process.env, port, mayAsk };
      for await (const { check, finding } of runChecks(await setupHere(where))) {
        progress.report({ message: check.title });
        lines.push(`${marks[finding.status]} **${check.title}**: ${finding.text}`, '');
        if (finding.remedy !== undefined) lines.push(`> ${finding.remedy}`, '');
      }
      return lines.join('\n');
    },
  );
  await window.showTextDocument(
    await workspace.openTextDocument({ language: 'markdown', content: report }),
  );
}

const marks: Readonly<Record<Finding['status'], string>> = { ok: '✓', warn: '⚠', fail: '✗' };

/** The last check asks the current model for a word, which costs a few tokens. */
async function askedForTokens(): Promise<boolean | undefined> {
  const all = {
    label: l10n.t('Everything'),
    detail: l10n.t('Ends with a real answer of the current model, which costs a few tokens.'),
    mayAsk: true,
  };
  const free = { label: l10n.t('Without a request to the model'), mayAsk: false };
  const picked = await window.showQuickPick([all, free], { title: l10n.t('Check Setup') });
  return picked?.mayAsk;
}

import { join } from 'node:path';
import { commands, l10n, ProgressLocation, Uri, window } from 'vscode';
import { type Finding, checkSetup as runChecks, type Setup } from '../codex/checkSetup.ts';
import { defaultPort } from '../config/schema.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { Parts } from './parts.ts';
import { servingPort } from './windowState.ts';

/** Tests every link of the chain from Codex to the provider, and shows a report. */
export async function checkSetup(parts: Parts): Promise<void> {
  const mayAsk = await askedForTokens();
  if (mayAsk === undefined) return;
  const report = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Checking the setup') },
    async (progress) => {
      const lines = [`# ${l10n.t('OpenCodex setup')}`, ''];
      for await (const { check, finding } of runChecks(setupOf(parts, mayAsk))) {
        progress.report({ message: check.title });
        const mark = marks[finding.status];
        lines.push(`${mark} **${check.title}**: ${plain(finding.text)}`, '');
        const remedy =
          check.id === 'roundTrip' && !mayAsk
            ? l10n.t('Run Check Setup again, and choose Everything.')
            : finding.remedy;
        if (remedy !== undefined) lines.push(`> ${plain(remedy)}`, '');
      }
      return lines.join('\n');
    },
  );
  // A file, so that the report is still there after a reload, and can be handed on.
  const file = join(parts.home, 'logs', 'setup.md');
  await writeFileAtomic(file, report, { mode: 0o600 });
  await commands.executeCommand('markdown.showPreview', Uri.file(file));
}

/** The words of a provider are no Markdown: they could name pictures to load. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>!&#|~]/g, '\\$&');
}

/**
 * The proxy's thread finds out who serves: in place of Node's `node:http` the editor puts one of its
 * own here, which keeps no connection, so who is at its other end could change after the proof.
 */
function setupOf({ home, codexFolder, model, proxy }: Parts, mayAsk: boolean): Setup {
  const port = servingPort(model.state.proxy) ?? defaultPort;
  return {
    ...{ home, codexHome: codexFolder, env: process.env, port, mayAsk },
    serving: () => proxy.serving(port),
    ask: () => proxy.roundTrip(port),
  };
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

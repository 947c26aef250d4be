import { join } from 'node:path';
import { commands, l10n, ProgressLocation, Uri, window } from 'vscode';
import {
  type Finding,
  checkSetup as runChecks,
  type Serving,
  type Setup,
} from '../codex/checkSetup.ts';
import { currentModelId } from '../codex/providerTable.ts';
import type { RoundTrip } from '../codex/roundTrip.ts';
import { defaultPort } from '../config/schema.ts';
import { localToken } from '../credentials/token.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { isJsonObject } from '../turn/json.ts';
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
 * What `ocx doctor` finds out over a connection of its own is asked of the proxy's thread here: the
 * editor puts its own `node:http` in place of Node's, and that one keeps no connection.
 */
function setupOf(parts: Parts, mayAsk: boolean): Setup {
  const { home, codexFolder, model } = parts;
  const port = servingPort(model.state.proxy) ?? defaultPort;
  return {
    ...{ home, codexHome: codexFolder, env: process.env, port, mayAsk },
    serving: () => serving(parts),
    ask: async () => roundTrip(port, await localToken(home)),
  };
}

async function serving({ ask, model }: Parts): Promise<Serving> {
  const { proxy } = model.state;
  if (servingPort(proxy) === undefined) {
    const taken = proxy.status === 'failed' && proxy.failure.kind === 'port_in_use';
    return taken ? { kind: 'foreign', name: undefined } : { kind: 'nobody' };
  }
  const { version } = await ask('GET /api/state', {});
  const { models } = await ask('GET /api/models', {});
  return { kind: 'ours', version, models: models.length };
}

async function roundTrip(port: number, token: string): Promise<RoundTrip> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-opencodex-token': token },
    body: JSON.stringify({
      model: currentModelId,
      input: 'Answer with the one word OK.',
      stream: false,
    }),
  });
  const body = await answer.text();
  if (!answer.ok) return { ok: false, message: body };
  return { ok: true, answer: textsIn(JSON.parse(body)).join('') };
}

/** The texts of an answer, wherever they stand in it. */
function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (!isJsonObject(value)) return [];
  return value['type'] === 'output_text'
    ? [String(value['text'])]
    : [value['output'], value['content']].flatMap(textsIn);
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

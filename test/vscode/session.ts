import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chatWire } from '../support/chatUpstream.ts';
import { CodexHome } from '../support/codex.ts';
import { writeConfig } from '../support/configFile.ts';
import { freePort } from '../support/freePort.ts';
import type { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import type { FakeProvider } from '../support/wire.ts';
import { Editor } from './editor.ts';

/** Codex's config as its owner wrote it, with what an edit could spoil. */
export const ownConfig = [
  '# my settings',
  'model = "gpt-6.1-sol"   # the one I like',
  'check_for_update_on_startup = false',
  '',
  '[analytics]',
  'enabled = false',
].join('\r\n');

/** The packaged extension in a real editor, a strict fake provider, and a home for real Codex. */
export interface Session {
  readonly editor: Editor;
  readonly provider: FakeProvider;
  readonly codex: CodexHome;
  /** OPENCODEX_HOME. */
  readonly home: string;
  readonly port: number;
}

export interface SessionOptions {
  /** What config.json says, over the default; it is given the entry of the fake provider. */
  readonly config?: (sim: FakeProvider['entry']) => Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startSession(scope: Scope, options: SessionOptions = {}): Promise<Session> {
  const provider = await chatWire.start(scope, { models: ['sim-1', 'sim-2'] });
  const { apiKey: _, ...entry } = provider.entry;
  const home = scope.directory('home');
  const port = await freePort();
  writeConfig(home, {
    port,
    defaultProvider: 'sim',
    currentModel: 'sim/sim-1',
    providers: { sim: { ...entry, label: 'Simulated' } },
    ...options.config?.(provider.entry),
  });
  const codex = new CodexHome(scope, { baseUrl: '', token: '', model: '' });
  writeFileSync(join(codex.home, 'config.toml'), ownConfig);
  const editor = await Editor.start(scope, {
    extensions: vsixFiles(),
    env: { OPENCODEX_HOME: home, CODEX_HOME: codex.home, ...options.env },
    ...(options.settings !== undefined && { settings: options.settings }),
  });
  return { editor, provider, codex, home, port };
}

/** What Codex's config says now. */
export function readCodexConfig(codex: CodexHome): string {
  return readFileSync(join(codex.home, 'config.toml'), 'utf8');
}

/** Agrees to the lines that are shown before Codex is connected. */
export async function agreeToConnect(editor: Editor): Promise<void> {
  await editor
    .notification('Connect Codex?')
    .getByRole('button', { name: 'Connect', exact: true })
    .click();
}

/** Connects Codex, which has its own config until then. */
export async function connectCodex({ editor, codex }: Session): Promise<void> {
  await editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
  await editor.run('OpenCodex: Connect Codex');
  await agreeToConnect(editor);
  await until('the config to change', () => readCodexConfig(codex) !== ownConfig);
}

/** Asks the proxy for an answer, as Codex does, and waits for its end. */
export async function ask(session: Session, model: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${session.port}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-opencodex-token': readToken(session.home) },
    body: JSON.stringify({ model, input: 'Hello', stream: true }),
  });
  return await answer.text();
}

/** The content of config.json. */
export function readConfig(home: string): unknown {
  return JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'));
}

export function readToken(home: string): string {
  return readFileSync(join(home, 'token'), 'utf8').trim();
}

/** run.ts names them. */
function vsixFiles(): readonly string[] {
  const files = process.env['OPENCODEX_TEST_VSIX'];
  if (files === undefined) throw new Error('Start these tests with: node test/vscode/run.ts');
  return files.split('\n');
}

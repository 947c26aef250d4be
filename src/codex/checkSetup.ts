import { stat } from 'node:fs/promises';
import type { Environment } from '../config/home.ts';
import { configPath } from '../config/home.ts';
import { loadConfig } from '../config/load.ts';
import { reasonOf } from '../language/reason.ts';
import { configuredProviders } from '../providers/configured.ts';
import { routeModel } from '../providers/routing.ts';
import { codexLogin } from './codexLogin.ts';
import { readsCatalogUrl } from './codexVersion.ts';
import { type CodexFolders, connectionState } from './connect.ts';
import { connectOptions } from './connectOptions.ts';
import { type CodexInstall, findCodex } from './find.ts';
import { codexConfigPath } from './home.ts';
import { loopbackRemedy, proxiesLoopback } from './loopbackProxy.ts';
import { currentModelId } from './providerTable.ts';
import { codexRoundTrip, type RoundTrip } from './roundTrip.ts';
import { runningCodex } from './runningCodex.ts';

/** What one link of the chain from Codex to the provider is like. */
export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail';
  /** What is the case, as a sentence. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export interface Check {
  readonly id: string;
  readonly title: string;
  run(setup: Setup): Promise<Finding>;
}

/** What the checks look at. */
export interface Setup extends CodexFolders {
  readonly env: Environment;
  readonly port: number;
  /** Who serves the port. */
  serving(): Promise<Serving>;
  /** Asks the proxy for a word, without Codex. */
  ask(): Promise<RoundTrip>;
  /** Whether a model may be asked, which costs a few tokens. */
  readonly mayAsk: boolean;
}

export type Serving =
  | { readonly kind: 'ours'; readonly version: string; readonly models: number }
  | { readonly kind: 'foreign'; readonly name: string | undefined }
  | { readonly kind: 'nobody' };

/** Each link of the chain, in the order in which a turn goes along it. */
export const checks: readonly Check[] = [
  { id: 'config', title: 'Configuration', run: checkConfig },
  { id: 'codex', title: 'Codex', run: checkCodex },
  { id: 'login', title: 'Codex login', run: checkLogin },
  { id: 'proxy', title: 'Proxy', run: checkProxy },
  { id: 'connection', title: 'Connection', run: checkConnection },
  { id: 'environment', title: 'Environment', run: checkEnvironment },
  { id: 'running', title: 'Running Codex', run: checkRunning },
  { id: 'roundTrip', title: 'Round trip', run: checkRoundTrip },
];

/** Runs the checks one after the other; one that fails for a reason of its own says so. */
export async function* checkSetup(
  setup: Setup,
): AsyncGenerator<{ readonly check: Check; readonly finding: Finding }> {
  for (const check of checks) {
    let finding: Finding;
    try {
      finding = await check.run(setup);
    } catch (thrown) {
      const reason = reasonOf(thrown);
      finding = fail(`This could not be checked: ${reason}`);
    }
    yield { check, finding };
  }
}

async function checkConfig({ home }: Setup): Promise<Finding> {
  const loaded = await loadConfig(home);
  if (!loaded.ok)
    return fail(loaded.error.message, 'Correct the file; nothing changes it for you.');
  const { config, fromFile } = loaded;
  const routing = routeModel(currentModelId, config);
  if (!routing.ok) return fail(routing.error.message);
  const count = configuredProviders(config).size;
  const model = `${routing.route.provider.id}/${routing.route.model}`;
  const where = fromFile ? configPath(home) : 'no config.json: the default';
  return ok(
    `${count === 1 ? '1 provider' : `${count} providers`}, current model ${model} (${where}).`,
  );
}

async function checkCodex({ env }: Setup): Promise<Finding> {
  const installs = await findCodex(env);
  const [first] = working(installs);
  if (first === undefined) {
    return warn(
      installs.length === 0
        ? 'No Codex was found on this machine.'
        : `${installs[0]?.program} does not start.`,
      'Install it with "npm install -g @openai/codex", or install Codex’s editor extension.',
    );
  }
  const text = working(installs)
    .map(({ program, version }) => `${version?.text} (${program})`)
    .join(', ');
  const old = working(installs).filter(({ version }) => version && !readsCatalogUrl(version));
  return old.length === 0
    ? ok(`Version ${text}.`)
    : warn(
        `Version ${text}. What is older than 0.161 reads its models from a file, at its start only.`,
        'Update Codex, so that it hears of new models while it runs.',
      );
}

async function checkLogin({ home, codexHome, env }: Setup): Promise<Finding> {
  const login = await codexLogin(codexHome, env);
  const loaded = await loadConfig(home);
  const providers = loaded.ok ? [...configuredProviders(loaded.config).values()] : [];
  const forward = providers.find(({ auth }) => auth.mode === 'forward');
  if (forward !== undefined && login !== 'chatgpt') {
    return warn(
      `${forward.label} uses the ChatGPT login of Codex, and there is none.`,
      'Run "codex login", or choose models of another provider.',
    );
  }
  switch (login) {
    case 'chatgpt':
      return ok('Codex has a ChatGPT login. It goes to ChatGPT only.');
    case 'api_key':
      return ok('Codex has an API key for OpenAI. OpenCodex does not use it.');
    case 'none':
      return ok('Codex has no login. Your providers need none.');
  }
}

async function checkProxy({ port, serving }: Setup): Promise<Finding> {
  const found = await serving();
  switch (found.kind) {
    case 'ours':
      return found.models === 0
        ? warn('It runs, but offers no models.', 'Add a provider to config.json.')
        : ok(
            `OpenCodex ${found.version} serves http://127.0.0.1:${port}/v1 with ${found.models} models.`,
          );
    case 'foreign':
      return fail(
        `Port ${port} is served by ${found.name ?? 'another program'}.`,
        'End that program, or choose another port with "OpenCodex: Change Port" in VS Code.',
      );
    case 'nobody':
      return fail(
        `Nobody listens on port ${port}.`,
        'Open VS Code, where OpenCodex starts by itself, or run "ocx start".',
      );
  }
}

async function checkConnection(setup: Setup): Promise<Finding> {
  const options = await connectOptions(setup, setup.port, setup.env);
  const state = await connectionState(options);
  const path = codexConfigPath(setup.codexHome);
  switch (state.kind) {
    case 'unreadable':
      return fail(state.message);
    case 'connected':
      if (!state.upToDate) {
        return fail(
          `${path} names another port, another token or another kind of login than there is now.`,
          'Run "ocx sync", or "OpenCodex: Connect Codex" in VS Code.',
        );
      }
      return (await setup.serving()).kind === 'ours'
        ? ok(`${path} names the proxy.`)
        : warn(
            `${path} names the proxy, which does not run: Codex waits for it.`,
            'Start it, or give Codex its own config back with "ocx restore".',
          );
    case 'dormant':
    case 'disconnected':
      return warn(
        `Codex is not connected: ${path} does not choose OpenCodex.`,
        'Run "ocx sync", or "OpenCodex: Connect Codex" in VS Code. Without that, "codex --profile" or other programs can still use the proxy.',
      );
  }
}

async function checkEnvironment({ env }: Setup): Promise<Finding> {
  return proxiesLoopback(env)
    ? warn('HTTP_PROXY gets the requests to this machine too.', loopbackRemedy)
    : ok('No HTTP_PROXY stands between Codex and the proxy.');
}

async function checkRunning({ codexHome }: Setup): Promise<Finding> {
  const running = await runningCodex();
  if (running === undefined) {
    return ok(
      'Not known on this system. A Codex that was started before connecting must be restarted.',
    );
  }
  const config = await stat(codexConfigPath(codexHome)).catch(() => undefined);
  const stale = running.filter(({ startedAt }) => startedAt < (config?.mtimeMs ?? 0));
  return stale.length === 0
    ? ok(running.length === 0 ? 'No Codex is running.' : 'It has read the config as it is now.')
    : warn(
        `Codex was started before its config changed (process ${stale.map(({ pid }) => pid).join(', ')}).`,
        'Restart it, or the editor it runs in; it reads its config when it starts.',
      );
}

async function checkRoundTrip(setup: Setup): Promise<Finding> {
  if (!setup.mayAsk) return warn('Left out.', 'Run "ocx doctor" without --no-request.');
  if ((await setup.serving()).kind !== 'ours') return fail('There is no proxy to ask.');
  const options = await connectOptions(setup, setup.port, setup.env);
  const state = await connectionState(options);
  const [codex] = working(await findCodex(setup.env));
  const throughCodex = codex !== undefined && state.kind === 'connected' && state.upToDate;
  const trip = throughCodex
    ? await codexRoundTrip(codex.program, setup.codexHome, setup.env)
    : await setup.ask();
  const who = throughCodex ? `Codex ${codex.version?.text}` : 'A plain request';
  return trip.ok
    ? ok(`${who} asked the current model and got “${shortened(trip.answer)}”.`)
    : fail(`${who} got no answer: ${trip.message}`);
}

function working(installs: readonly CodexInstall[]): readonly CodexInstall[] {
  return installs.filter(({ version }) => version !== undefined);
}

function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

function ok(text: string): Finding {
  return { status: 'ok', text };
}

function warn(text: string, remedy: string): Finding {
  return { status: 'warn', text, remedy };
}

function fail(text: string, remedy?: string): Finding {
  return remedy === undefined ? { status: 'fail', text } : { status: 'fail', text, remedy };
}

import { localToken } from '../../src/credentials/token.ts';
import type { ApiAnswer, ApiInput, ApiName } from '../../src/link/api.ts';
import type { Parts } from '../../src/vscode/parts.ts';
import type { WindowState } from '../../src/vscode/windowState.ts';
import { writeConfig } from '../support/configFile.ts';
import type { Scope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';

const { KeyVault } = await import('../../src/vscode/keyVault.ts');
const { firstState } = await import('../../src/vscode/windowState.ts');

/** What a flow works with, with a home of its own and a proxy that only counts. */
export interface FlowParts extends Parts {
  readonly token: string;
  readonly secrets: FakeSecrets;
  /** What was asked of the management API, with what. */
  readonly asked: readonly { readonly name: ApiName; readonly input: unknown }[];
  /** What went into the log. */
  readonly logged: readonly string[];
  readonly proxy: Parts['proxy'] & { starts: number };
}

/** What the management API answers, by operation; an error is a refusal. */
export type FakeAnswers = {
  readonly [K in ApiName]?: ((input: ApiInput<K>) => ApiAnswer<K>) | undefined;
};

export interface FlowOptions {
  readonly answers?: FakeAnswers;
  readonly config?: object;
  readonly state?: Partial<WindowState>;
}

export async function flowParts(scope: Scope, options: FlowOptions = {}): Promise<FlowParts> {
  editor.reset();
  const home = scope.directory('home');
  writeConfig(home, options.config ?? {});
  const secrets = new FakeSecrets();
  const state: WindowState = {
    ...firstState,
    proxy: { status: 'listening', port: 10_100 },
    codex: 'disconnected',
    ...options.state,
  };
  const logged: string[] = [];
  const asked: { readonly name: ApiName; readonly input: unknown }[] = [];
  const proxy: FlowParts['proxy'] = {
    starts: 0,
    start: async () => {
      proxy.starts += 1;
    },
    stop: async () => {},
    serving: async () => ({ kind: 'nobody' }),
    roundTrip: async () => ({ ok: false, message: 'Nobody was asked.' }),
  };
  return {
    home,
    codexFolder: scope.directory('codex'),
    token: await localToken(home),
    secrets,
    vault: new KeyVault(secrets),
    proxy,
    model: { state, refreshCodex: async () => {} },
    dashboard: { open: () => {} },
    ask: async (name, input) => {
      asked.push({ name, input });
      return answerOf(options.answers ?? {}, name, input);
    },
    asked,
    log: {
      error: (line) => void logged.push(String(line)),
      show: () => void logged.push('(shown)'),
    },
    logged,
  };
}

type Change = { readonly key: string };

function answerOf<K extends ApiName>(
  answers: FakeAnswers,
  name: K,
  input: ApiInput<K>,
): ApiAnswer<K> {
  const answer: FakeAnswers[K] = answers[name];
  if (answer === undefined) throw new Error(`Nobody answers ${name}.`);
  return answer(input);
}

/** The editor's secret store; `keeps` is false on a system without a keyring. */
export class FakeSecrets {
  keeps = true;
  readonly stored = new Map<string, string>();
  readonly #listeners = new Set<(change: Change) => void>();

  readonly onDidChange = (listener: (change: Change) => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  async keys(): Promise<string[]> {
    return [...this.stored.keys()];
  }

  async get(key: string): Promise<string | undefined> {
    return this.stored.get(key);
  }

  async store(key: string, value: string): Promise<void> {
    if (this.keeps) this.stored.set(key, value);
    for (const listener of this.#listeners) listener({ key });
  }

  async delete(key: string): Promise<void> {
    this.stored.delete(key);
    for (const listener of this.#listeners) listener({ key });
  }
}

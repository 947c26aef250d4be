import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stringify } from 'smol-toml';
import { AppServer } from './codexAppServer.ts';
import { at, isRecord, type JsonRecord } from './json.ts';
import { JsonRpc } from './jsonRpc.ts';
import type { Scope } from './scope.ts';

/** The pinned version, unless scripts/codexMatrix.ts names another. */
export const codexProgram =
  process.env['OPENCODEX_TEST_CODEX'] ??
  fileURLToPath(new URL('../../node_modules/.bin/codex', import.meta.url));
const mcpServer = fileURLToPath(new URL('mcpServer.ts', import.meta.url));

/** A run that takes longer hangs. */
const safetyNetMs = 120_000;

/** Where Codex finds its model provider, and what a scenario changes about it. */
export interface CodexOptions {
  readonly baseUrl: string;
  readonly token: string;
  readonly model: string;
  /** Entries of a model catalog file; default: the catalog that the proxy serves. */
  readonly catalog?: readonly object[];
  /** Keys of the provider's table, over the recommended ones. */
  readonly provider?: Readonly<Record<string, string | number | boolean>>;
  /** Top-level keys of config.toml. */
  readonly config?: Readonly<Record<string, string | number | boolean | object>>;
  /** MCP servers by name: the arguments of the test server. */
  readonly mcp?: Readonly<Record<string, readonly string[]>>;
}

/** A throw-away CODEX_HOME and working directory for the real Codex. */
export class CodexHome {
  readonly home: string;
  readonly work: string;
  readonly #scope: Scope;

  /** Without options Codex is as freshly installed: there is no config.toml. */
  constructor(scope: Scope, options?: CodexOptions) {
    this.#scope = scope;
    const root = scope.directory('codex');
    this.home = join(root, 'home');
    this.work = join(root, 'work');
    mkdirSync(this.home);
    mkdirSync(this.work);
    if (options !== undefined) this.configure(options);
  }

  configure(options: CodexOptions): void {
    const catalog = join(this.home, 'catalog.json');
    if (options.catalog !== undefined) {
      writeFileSync(catalog, JSON.stringify({ models: options.catalog }));
    }
    const config = {
      model: options.model,
      model_provider: 'opencodex',
      check_for_update_on_startup: false,
      ...(options.catalog !== undefined && { model_catalog_json: catalog }),
      ...options.config,
      analytics: { enabled: false },
      model_providers: {
        opencodex: {
          name: 'OpenCodex',
          base_url: options.baseUrl,
          wire_api: 'responses',
          experimental_bearer_token: options.token,
          model_catalog_url: `${options.baseUrl}/codex/models`,
          request_max_retries: 1,
          stream_max_retries: 3,
          stream_idle_timeout_ms: 300_000,
          supports_websockets: false,
          ...options.provider,
        },
      },
      mcp_servers: Object.fromEntries(
        Object.entries(options.mcp ?? {}).map(([name, args]) => [
          name,
          { command: process.execPath, args: [mcpServer, ...args] },
        ]),
      ),
    };
    writeFileSync(join(this.home, 'config.toml'), stringify(config));
  }

  /** A path in the working directory. */
  path(name: string): string {
    return join(this.work, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Runs `codex exec --json` to its end. `args` come after `exec`, e.g. `['resume', '--last']`. */
  async exec(prompt: string, args: readonly string[] = []): Promise<ExecRun> {
    return await this.startExec(prompt, args).ended;
  }

  /** The same, for a scenario that acts while Codex works. */
  startExec(
    prompt: string,
    args: readonly string[] = [],
    onEvent: (event: JsonRecord) => void = () => {},
  ): { readonly child: ChildProcess; readonly ended: Promise<ExecRun> } {
    const child = this.#spawn([
      'exec',
      ...args,
      '--skip-git-repo-check',
      '--json',
      '--dangerously-bypass-approvals-and-sandbox',
      prompt,
    ]);
    child.stdin?.end();
    return { child, ended: collect(child, onEvent) };
  }

  /** Runs another command of Codex to its end. */
  async run(
    args: readonly string[],
  ): Promise<{ readonly code: number | null; readonly stdout: string }> {
    const child = this.#spawn(args);
    child.stdin?.end();
    child.stderr?.resume();
    if (child.stdout === null) throw new Error('no pipes');
    const [stdout, [code]] = await Promise.all([readAll(child.stdout), once(child, 'close')]);
    return { code, stdout };
  }

  /** Starts `codex app-server`, which is what Codex's IDE extension speaks to. */
  async appServer(): Promise<AppServer> {
    const child = this.#spawn(['app-server']);
    if (child.stdout === null || child.stdin === null) throw new Error('no pipes');
    child.stderr?.resume();
    const rpc = new JsonRpc(child.stdout, child.stdin);
    await rpc.request('initialize', {
      clientInfo: { name: 'opencodex_test', title: 'OpenCodex tests', version: '0.0.1' },
    });
    rpc.notify('initialized');
    return new AppServer(rpc, this.work);
  }

  #spawn(args: readonly string[]): ChildProcess {
    const child = spawn(codexProgram, args, {
      cwd: this.work,
      // Nothing of the developer's environment reaches Codex, and nothing but loopback is in reach:
      // https goes to a port where nobody listens.
      env: {
        PATH: process.env['PATH'],
        HOME: this.home,
        CODEX_HOME: this.home,
        LANG: 'C.UTF-8',
        HTTPS_PROXY: 'http://127.0.0.1:9',
        NO_PROXY: '127.0.0.1,localhost',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const net = setTimeout(() => killGroup(child), safetyNetMs);
    child.once('exit', () => clearTimeout(net));
    this.#scope.add(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      killGroup(child);
      await gone;
    });
    return child;
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}

/** What `codex exec --json` reported. */
export class ExecRun {
  readonly code: number | null;
  readonly events: readonly JsonRecord[];
  readonly stderr: string;

  constructor(code: number | null, events: readonly JsonRecord[], stderr: string) {
    this.code = code;
    this.events = events;
    this.stderr = stderr;
  }

  /** Finished items of one type: `command_execution`, `file_change`, `mcp_tool_call`, … */
  items(type: string): readonly unknown[] {
    return this.events
      .filter((event) => event['type'] === 'item.completed')
      .map((event) => event['item'])
      .filter((item) => at(item, 'type') === type);
  }

  /** Everything that the model said to the user. */
  get messages(): readonly string[] {
    return this.items('agent_message').map((item) => String(at(item, 'text')));
  }

  get usage(): unknown {
    return this.events.find((event) => event['type'] === 'turn.completed')?.['usage'];
  }

  /** What the user reads when the turn failed. */
  get failure(): string | undefined {
    const failed = this.events.find((event) => event['type'] === 'turn.failed');
    return failed === undefined ? undefined : String(at(failed, 'error', 'message'));
  }

  /** What the user reads on the way, retries for example. */
  get warnings(): readonly string[] {
    return this.events
      .filter((event) => event['type'] === 'error')
      .map((event) => String(event['message']));
  }

  get threadId(): string {
    return String(this.events.find((event) => event['type'] === 'thread.started')?.['thread_id']);
  }

  /** For messages of assertions. */
  toString(): string {
    return `exit ${this.code}\n${this.events.map((event) => JSON.stringify(event)).join('\n')}\n${this.stderr}`;
  }
}

async function collect(
  child: ChildProcess,
  onEvent: (event: JsonRecord) => void,
): Promise<ExecRun> {
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
  const events: JsonRecord[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event: unknown = JSON.parse(line);
      if (!isRecord(event)) continue;
      events.push(event);
      onEvent(event);
    }
  });
  const [stderr, [code]] = await Promise.all([readAll(child.stderr), once(child, 'close')]);
  return new ExecRun(code, events, stderr);
}

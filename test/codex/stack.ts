import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { anthropicWire } from '../support/anthropicUpstream.ts';
import { chatWire } from '../support/chatUpstream.ts';
import { CodexHome, type CodexOptions } from '../support/codex.ts';
import { geminiWire } from '../support/geminiUpstream.ts';
import { isRecord } from '../support/json.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { responsesWire } from '../support/responsesUpstream.ts';
import { type Scope, testScope } from '../support/scope.ts';
import type { FakeOptions, FakeProvider, Wire } from '../support/wire.ts';

/** Every scenario runs over each of these. */
export const wires: readonly Wire[] = [chatWire, anthropicWire, geminiWire, responsesWire];

/** Real Codex, the proxy, and a strict fake provider behind it. */
export interface Stack {
  readonly scope: Scope;
  readonly provider: FakeProvider;
  readonly proxy: RunningProxy;
  readonly codexOptions: CodexOptions;
  readonly codex: CodexHome;
}

export interface StackOptions {
  readonly fake?: FakeOptions;
  /** Over the fake's own entry in config.json. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Further keys of config.json. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Providers beside `sim`, by their id. */
  readonly others?: Readonly<Record<string, object>>;
  readonly proxy?: Partial<ProxyOptions>;
  readonly codex?: Partial<CodexOptions>;
  /** The scenario is about a fault: turns may be left over. */
  readonly faulty?: boolean;
}

/** The model as Codex names it: `sim` is the provider's id in config.json. */
export const model = 'sim/sim-1';

export async function startStack(
  t: TestContext,
  wire: Wire,
  options: StackOptions = {},
): Promise<Stack> {
  const scope = testScope(t);
  const provider = await wire.start(scope, options.fake);
  const quirks = { ...quirksIn(provider.entry), ...quirksIn(options.entry) };
  const entry = { ...provider.entry, ...options.entry, quirks };
  const proxy = await startProxy(
    scope,
    { ...options.config, defaultProvider: 'sim', providers: { sim: entry, ...options.others } },
    options.proxy,
  );
  const codexOptions: CodexOptions = {
    baseUrl: proxy.baseUrl,
    token: proxy.token,
    model,
    ...options.codex,
  };
  const codex = new CodexHome(scope, codexOptions);
  // Whatever a scenario is about: a provider would have taken every request.
  scope.add(() => {
    assert.deepEqual(provider.refusals, []);
    if (options.faulty !== true) assert.equal(provider.unplayed, 0, 'turns that nobody asked for');
  });
  return { scope, provider, proxy, codexOptions, codex };
}

function quirksIn(entry: StackOptions['entry']): object {
  const quirks = entry?.['quirks'];
  return isRecord(quirks) ? quirks : {};
}

/** Where an MCP server of the tests keeps its record, and what it wrote there. */
export class McpRecord {
  readonly path: string;

  constructor(scope: Scope) {
    this.path = join(scope.directory('mcp'), 'calls.jsonl');
  }

  calls(): readonly unknown[] {
    return readFileSync(this.path, 'utf8')
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  }
}

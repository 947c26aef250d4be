// Real Codex does a small task through the built proxy: no key, no network, nothing left behind.
//   npm run demo
import './requireNode.mjs';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { chatWire } from '../test/support/chatUpstream.ts';
import { CodexHome } from '../test/support/codex.ts';
import { writeConfig } from '../test/support/configFile.ts';
import { at, type JsonRecord, listOf } from '../test/support/json.ts';
import { Scope } from '../test/support/scope.ts';
import { call, freeform, offered, reasoning, text, usage } from '../test/support/script.ts';
import type { FakeProvider } from '../test/support/wire.ts';

const ocx = fileURLToPath(new URL('../dist/ocx.cjs', import.meta.url));
const prompt = 'The greeting in greet.sh has a typo. Fix it, check it, and tell the notes server.';
const broken = 'echo "Hello, wrold!"\n';
const greeting = 'Hello, world!';

const dim = (words: string): string => styleText('dim', words);
const bold = (words: string): string => styleText('bold', words);
const say = (line = ''): void => console.log(line);

/** What the model behind the fake provider does; the provider refuses requests that are not right. */
function script(provider: FakeProvider): void {
  provider.play(
    [
      reasoning('**Looking first**\n\nI should see what the script prints.'),
      text('I look at what the script prints.'),
      call('exec_command', { cmd: 'sh greet.sh | tee before.txt' }),
      usage({ input: 3920, output: 61, reasoning: 18 }),
    ],
    (request) => [
      text('A typo. I patch it.'),
      freeform(
        request,
        'apply_patch',
        `*** Begin Patch\n*** Update File: greet.sh\n@@\n-${broken}+echo "${greeting}"\n*** End Patch`,
      ),
      usage({ input: 4015, cached: 3840, output: 74 }),
    ],
    [
      text('Now I check it.'),
      call('exec_command', { cmd: 'sh greet.sh | tee after.txt' }),
      usage({ input: 4122, cached: 3968, output: 31 }),
    ],
    (request) => [
      call(offered(request, /Gives text back/), { text: `greet.sh says "${greeting}"` }),
      usage({ input: 4180, cached: 4096, output: 29 }),
    ],
    [
      text(`Fixed: greet.sh now says “${greeting}”, and the notes server knows.`),
      usage({ input: 4241, cached: 4096, output: 22 }),
    ],
  );
}

async function startProxy(scope: Scope, home: string): Promise<{ readonly baseUrl: string }> {
  const proxy = spawn(process.execPath, [ocx, 'start', '--port', '0'], {
    env: { ...process.env, OPENCODEX_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  scope.add(() => ended(proxy));
  for await (const line of createInterface({ input: proxy.stdout })) {
    const [, baseUrl] = /listening on (http:\S+)/.exec(line) ?? [];
    if (baseUrl !== undefined) return { baseUrl };
  }
  throw new Error('the proxy did not start');
}

async function ended(proxy: ChildProcess): Promise<void> {
  if (proxy.exitCode === null && proxy.signalCode === null) {
    const exit = once(proxy, 'exit');
    proxy.kill('SIGTERM');
    await exit;
  }
  if (proxy.exitCode !== 0) throw new Error(`the proxy ended with ${proxy.exitCode}`);
}

function indented(lines: string): string {
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

/** The lines that a patch took away and put in. */
function showChange(before: string, path: string): void {
  const old = before.trimEnd().split('\n');
  const now = readFileSync(path, 'utf8').trimEnd().split('\n');
  for (const line of old.filter((one) => !now.includes(one)))
    say(styleText('red', `    - ${line}`));
  for (const line of now.filter((one) => !old.includes(one))) {
    say(styleText('green', `    + ${line}`));
  }
}

/** One event of `codex exec --json`, for people. */
function show(event: JsonRecord): void {
  const item = event['item'];
  const finished = event['type'] === 'item.completed';
  switch (at(item, 'type')) {
    case 'reasoning':
      if (finished) say(dim(indented(String(at(item, 'text')).replaceAll('**', ''))));
      break;
    case 'agent_message':
      if (finished) say(`\n  ${at(item, 'text')}`);
      break;
    case 'command_execution': {
      const command = /^\S+ -lc '?(.*?)'?$/.exec(String(at(item, 'command')))?.[1];
      if (!finished) say(`  ${styleText('cyan', '$')} ${command}`);
      else say(dim(indented(String(at(item, 'aggregated_output')))));
      break;
    }
    case 'file_change':
      if (!finished) break;
      for (const change of listOf(at(item, 'changes'))) {
        const path = String(at(change, 'path'));
        say(`  ${styleText('green', 'patch')} ${basename(path)}`);
        showChange(broken, path);
      }
      break;
    case 'mcp_tool_call':
      if (!finished) {
        const args = JSON.stringify(at(item, 'arguments'));
        say(`  ${styleText('magenta', 'MCP')} ${at(item, 'server')}.${at(item, 'tool')} ${args}`);
      } else say(dim(indented(String(at(item, 'result', 'content', 0, 'text')))));
      break;
    case 'error':
      say(`  ${styleText('red', String(at(item, 'message')))}`);
      break;
    default:
      if (event['type'] === 'error') say(`  ${styleText('red', String(event['message']))}`);
  }
}

function showTokens(counts: unknown): void {
  const count = (field: string): string => Number(at(counts, field)).toLocaleString('en');
  say(
    `\n  ${dim(
      `tokens: ${count('input_tokens')} in (${count('cached_input_tokens')} cached), ` +
        `${count('output_tokens')} out (${count('reasoning_output_tokens')} reasoning)`,
    )}\n`,
  );
}

function check(what: string, holds: boolean): boolean {
  say(holds ? `${styleText('green', '✓')} ${what}` : `${styleText('red', '✗ not so:')} ${what}`);
  return holds;
}

function contains(path: string, words: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8').includes(words);
}

async function demo(scope: Scope): Promise<boolean> {
  if (!existsSync(ocx)) {
    throw new Error('dist/ocx.cjs is missing. Run "npm run demo", which builds it first.');
  }
  const provider = await chatWire.start(scope);
  script(provider);

  const home = scope.directory('home');
  writeConfig(home, { defaultProvider: 'sim', providers: { sim: provider.entry } });
  const { baseUrl } = await startProxy(scope, home);
  const token = execFileSync(process.execPath, [ocx, 'token'], {
    env: { ...process.env, OPENCODEX_HOME: home },
    encoding: 'utf8',
  }).trim();

  const record = join(scope.directory('mcp'), 'calls.jsonl');
  const codex = new CodexHome(scope, {
    baseUrl,
    token,
    model: 'sim/sim-1',
    mcp: { notes: ['--record', record, '--says', 'noted'] },
  });
  writeFileSync(codex.path('greet.sh'), broken);

  say(bold('OpenCodex: real Codex through the proxy. No key, no network.'));
  say(dim(`  proxy     ${baseUrl}`));
  say(dim(`  provider  ${provider.entry['baseUrl']} (Chat Completions, refuses bad requests)`));
  say(`\n${bold('>')} ${prompt}`);

  const run = await codex.startExec(prompt, [], show).ended;
  if (interrupted) return false;
  showTokens(run.usage);

  return [
    check('Codex ended its turn well', run.code === 0),
    check(
      'the provider refused nothing',
      provider.refusals.length === 0 && provider.unplayed === 0,
    ),
    check('the patched file holds the fix', contains(codex.path('greet.sh'), greeting)),
    check('the shell command wrote its file', contains(codex.path('after.txt'), greeting)),
    check('the MCP server recorded the call', contains(record, greeting)),
  ].every((holds) => holds);
}

const scope = new Scope();
let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
  void scope.close().finally(() => process.exit(130));
});
try {
  process.exitCode = (await demo(scope)) ? 0 : 1;
} catch (failure) {
  console.error(failure instanceof Error ? failure.message : failure);
  process.exitCode = 1;
} finally {
  await scope.close();
}

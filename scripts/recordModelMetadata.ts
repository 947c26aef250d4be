// Records what a published catalog knows of models as src/providers/models.jsonl, which the build puts
// beside the bundles. Needs the npm registry; builds and tests only need the recorded file. For a
// newer catalog change `source` and run:
//   node scripts/recordModelMetadata.ts
import './requireNode.mjs';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isJsonObject } from '../src/turn/json.ts';
import type { Json, JsonObject } from '../src/turn/turn.ts';

const source = {
  package: '@earendil-works/pi-ai',
  version: '1.5.2',
  integrity:
    'sha512-2tWPSnV3qzfiDIY3aWluBag3vC++Vs+VsXt/UquSU5onPMohPih72FUhIhaqmDdMYubOgB3Byl9uF4Vk40JLvQ==',
  license: 'MIT',
  author: 'Mario Zechner',
};

/** Where that catalog has our providers' models, by our ids: laboratories first, because where hosts disagree about a model the first one counts. */
const files: Readonly<Record<string, readonly string[]>> = {
  anthropic: ['anthropic'],
  google: ['google'],
  xai: ['xai'],
  mistral: ['mistral'],
  deepseek: ['deepseek'],
  kimi: ['kimi-coding'],
  moonshot: ['moonshotai'],
  minimax: ['minimax'],
  'minimax-cn': ['minimax-cn'],
  zai: ['zai'],
  xiaomi: ['xiaomi'],
  'alibaba-token-plan': ['qwen-token-plan'],
  openai: ['openai-codex'],
  'openai-api': ['openai'],
  azure: ['azure'],
  openrouter: ['openrouter'],
  'vercel-ai-gateway': ['vercel-ai-gateway'],
  huggingface: ['huggingface'],
  groq: ['groq'],
  cerebras: ['cerebras'],
  together: ['together'],
  fireworks: ['fireworks'],
  nvidia: ['nvidia'],
  'opencode-zen': ['opencode', 'opencode-go'],
  'github-copilot': ['github-copilot'],
};

/** Its words for effort, weakest first; the first one switches reasoning off. */
const levels = ['off', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** The source, then one model on a line, so that a newer catalog can be compared. */
function recorded(folder: string): string {
  const text = readFileSync(join(folder, '.manifest.json'), 'utf8');
  const { generatedAt }: { generatedAt: string } = JSON.parse(text);
  const lines: Json[] = [{ ...source, date: generatedAt.slice(0, 10) }];
  for (const [provider, names] of Object.entries(files)) {
    const models = names.flatMap((name) => modelsIn(join(folder, `${name}.json`)));
    const first = new Map(models.toReversed().map((model) => [model['id'], model]));
    for (const model of models) {
      if (first.get(model['id']) === model) lines.push(rowOf(provider, model));
    }
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function modelsIn(file: string): readonly JsonObject[] {
  const wires: Json = JSON.parse(readFileSync(file, 'utf8'));
  if (!isJsonObject(wires)) throw new Error(`${file} is not what it used to be`);
  return Object.values(wires)
    .flatMap((models) => (isJsonObject(models) ? Object.values(models) : []))
    .filter(isJsonObject)
    .filter(({ type }) => type === 'chat');
}

/** In the order in which src/providers/metadata.ts reads it. */
function rowOf(provider: string, model: JsonObject): Json {
  const cost = isJsonObject(model['cost']) ? model['cost'] : {};
  const price = [cost['input'], cost['cacheRead'], cost['output']].map(Number);
  return [
    provider,
    String(model['id']),
    String(model['name'] ?? ''),
    Number(model['contextWindow'] ?? 0),
    Number(model['maxTokens'] ?? 0),
    model['reasoning'] === true ? 1 : 0,
    Array.isArray(model['input']) && model['input'].includes('image') ? 1 : 0,
    effortsOf(model),
    ...(price.some((value) => value > 0) ? price : []),
  ];
}

/** Only where the catalog says it of every usual word; else it stands for a default of its own. */
function effortsOf({ thinkingLevelMap: map }: JsonObject): string {
  if (!isJsonObject(map)) return '';
  if (['low', 'medium', 'high'].some((level) => map[level] === undefined)) return '';
  const words = levels.map((level) => map[level]).filter((word) => typeof word === 'string');
  return [...new Set(words.map((word) => word.toLowerCase()))]
    .filter((word) => word === 'none' || levels.includes(word))
    .filter((word) => word !== 'off')
    .join(' ');
}

const folder = mkdtempSync(join(tmpdir(), 'ocx-models-'));
try {
  // A name of npm's that Windows can start without a shell.
  const npm = process.env['npm_execpath'];
  const run = (args: readonly string[]) =>
    npm !== undefined && existsSync(npm)
      ? execFileSync(process.execPath, [npm, ...args], { encoding: 'utf8', cwd: folder })
      : execFileSync('npm', args, { encoding: 'utf8', cwd: folder });
  const [packed] = JSON.parse(run(['pack', '--json', `${source.package}@${source.version}`]));
  if (packed.integrity !== source.integrity)
    throw new Error(`the package is another one: ${packed.integrity}`);
  execFileSync('tar', ['-xzf', packed.filename], { cwd: folder });
  const file = new URL('../src/providers/models.jsonl', import.meta.url);
  writeFileSync(file, recorded(join(folder, 'package/dist/providers/data')));
} finally {
  rmSync(folder, { recursive: true });
}

// Writes docs/providers.md from the catalog; with --check it only says whether the file is up to date.
import './requireNode.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { catalog } from '../src/providers/catalog.ts';
import type { CatalogEntry } from '../src/providers/catalogEntry.ts';

const kinds: readonly (readonly [CatalogEntry['kind'], string])[] = [
  ['login', 'Account login'],
  ['key', 'API key'],
  ['gateway', 'Gateways'],
  ['local', 'Local servers'],
  ['custom', 'Your own'],
];

const authWords = { key: 'key', forward: 'Codex’s ChatGPT login', oauth: 'account login' } as const;

function document(): string {
  const usable = catalog.filter((entry) => entry.unusable === undefined);
  const sections = kinds.map(([kind, title]) =>
    section(
      title,
      usable.filter((entry) => entry.kind === kind),
    ),
  );
  const unusable = catalog
    .filter((entry) => entry.unusable !== undefined)
    .map((entry) => `- **${entry.label}** (\`${entry.id}\`): ${entry.unusable}\n`);
  return `# Providers

Generated from the catalog (\`src/providers/catalog/\`) by \`npm run docs\`. The name is what a provider
is called in config.json and by \`ocx provider add\`, its models are \`name/model\`. Any other address
that speaks one of the wire formats works as well: see [configuration.md](configuration.md).

${sections.join('\n')}
## Not usable with Codex

${unusable.join('')}`;
}

function section(title: string, entries: readonly CatalogEntry[]): string {
  const rows = entries.map((entry) => {
    const cells = [
      entry.keyPage === undefined ? entry.label : `[${entry.label}](${entry.keyPage})`,
      `\`${entry.id}\``,
      `\`${entry.adapter}\``,
      `\`${entry.baseUrl}\``,
      signIn(entry),
      entry.defaultModel === undefined ? '' : `\`${entry.defaultModel}\``,
      entry.note ?? '',
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  return `## ${title}

| Provider | Name | Adapter | Base URL | Sign in | Default model | Good to know |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('')}`;
}

function signIn(entry: CatalogEntry): string {
  const ways = entry.auth.map((way) => authWords[way]).join(' or ');
  return entry.keyOptional ? `${ways}, optional` : ways;
}

const file = new URL('../docs/providers.md', import.meta.url);
const text = document();
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (read() !== text) {
  console.error('docs/providers.md is not up to date: run "npm run docs".');
  process.exitCode = 1;
}

function read(): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

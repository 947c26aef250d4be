// Writes docs/configuration.md and schemas/config.schema.json from the schema of config.json; with
// --check it only says whether they are up to date.
import './requireNode.mjs';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { anthropicQuirksSchema, modelRuleSchema } from '../src/adapters/anthropic/quirks.ts';
import {
  modelRuleSchema as googleModelRuleSchema,
  googleQuirksSchema,
} from '../src/adapters/google/quirks.ts';
import { chatQuirksSchema } from '../src/adapters/openaiChat/quirks.ts';
import { responsesQuirksSchema } from '../src/adapters/openaiResponses/quirks.ts';
import { configSchema, reservedProviderNames } from '../src/config/schema.ts';
import { docs } from '../src/config/schemaTerms.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

const root = new URL('../', import.meta.url);

interface Comments {
  readonly fields: ReadonlyMap<string, string>;
  readonly words: ReadonlyMap<string, string>;
}

/** Quirk flags are explained where they are declared, by a comment above each. */
const explained = new Map<z.core.$ZodType, Comments>([
  [chatQuirksSchema, comments('src/adapters/openaiChat/quirks.ts')],
  [anthropicQuirksSchema, comments('src/adapters/anthropic/quirks.ts')],
  [modelRuleSchema, comments('src/adapters/anthropic/quirks.ts')],
  [googleQuirksSchema, comments('src/adapters/google/quirks.ts')],
  [googleModelRuleSchema, comments('src/adapters/google/quirks.ts')],
  [responsesQuirksSchema, comments('src/adapters/openaiResponses/quirks.ts')],
]);

/** The comments of a file, by the field or the allowed word that they stand above. */
function comments(path: string): Comments {
  const source = readFileSync(new URL(path, root), 'utf8');
  const fields = new Map<string, string>();
  const words = new Map<string, string>();
  for (const [, comment = '', field, word] of source.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:(\w+): z\.|'(\w+)',)/g,
  )) {
    const text = comment.replace(/\s*\n\s*\*?\s*/g, ' ').trim();
    if (field !== undefined) {
      fields.set(field, text);
    } else if (word !== undefined) {
      words.set(word, text);
    }
  }
  return { fields, words };
}

function jsonSchema(): JsonSchema {
  const made = z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-07',
    metadata: docs,
    override: ({ zodSchema, jsonSchema: json }) => {
      const texts = explained.get(zodSchema);
      for (const [name, field] of Object.entries(json.properties ?? {})) {
        const text = texts?.fields.get(name);
        if (texts !== undefined && text !== undefined && typeof field === 'object') {
          field.description = withWords(text, field, texts.words);
        }
      }
      // Zod writes the bounds of safe integers, which say nothing to a reader.
      if (json.maximum === Number.MAX_SAFE_INTEGER) {
        delete json.maximum;
      }
    },
  });
  made.title = 'OpenCodex config.json';
  made.properties = {
    $schema: { type: 'string', description: 'The address of this schema, for editors.' },
    ...made.properties,
  };
  return made;
}

/** Adds what a comment above one of the allowed words says. */
function withWords(text: string, field: JsonSchema, words: Comments['words']): string {
  const explanations = (field.enum ?? []).flatMap((word) => {
    const says = words.get(String(word));
    return says === undefined ? [] : [`\`${word}\`: ${says.replace(/\.$/, '')}`];
  });
  return explanations.length === 0 ? text : `${text} ${explanations.join('; ')}.`;
}

function markdown(schema: JsonSchema): string {
  const provider = child(schema, 'providers');
  const entry =
    typeof provider?.additionalProperties === 'object' ? provider.additionalProperties : {};
  const quirks = child(entry, 'quirks') ?? {};
  const anthropic = child(quirks, 'anthropic') ?? {};
  const rules = child(anthropic, 'models')?.items;
  return `# Configuration

Generated from \`src/config/schema.ts\` by \`npm run docs\`.

Everything that OpenCodex knows is in one file, \`config.json\` in the folder \`~/.opencodex\` (or the one
that the environment variable \`OPENCODEX_HOME\` names). The editor and the \`ocx\` command share it, and a
change applies at once, without a restart. You need not write it by hand: the commands of the editor do.

- Without the file there is one provider, \`openai\`, which relays the ChatGPT login that Codex sends.
- The file is strict JSON: no comments, no comma after the last entry, no name twice. If it is not valid,
  the message names line, column and field, the last good configuration stays in force, and the file is
  never overwritten.
- Fields that this version does not know are kept.
- The file is readable by you alone (mode 0600). Keys need not be in it: use the editor's secret store
  or an environment variable.

\`\`\`json
${print(example)}
\`\`\`

## The file

${table(schema, ['$schema'])}
## A provider

Each entry of \`providers\`. The names ${reservedProviderNames.map(code).join(' and ')} are reserved.

${table(entry)}
## Web search

\`webSearchSidecar\`:

${table(child(schema, 'webSearchSidecar') ?? {})}
\`service\`:

${table(child(child(schema, 'webSearchSidecar') ?? {}, 'service') ?? {})}
## Vision

\`visionSidecar\`:

${table(child(schema, 'visionSidecar') ?? {})}
## Quirks

How a provider departs from the documentation of its wire format. For known providers OpenCodex has the
right values; for others, set what their documentation says. \`quirks\` of a provider:

${table(quirks)}
### \`quirks.chat\`

${table(child(quirks, 'chat') ?? {})}
### \`quirks.anthropic\`

${table(anthropic)}
Each entry of \`models\`:

${table(typeof rules === 'object' && !Array.isArray(rules) ? rules : {})}
### \`quirks.responses\`

${table(child(quirks, 'responses') ?? {})}`;
}

const example = {
  providers: {
    openai: {
      adapter: 'openai-responses',
      baseUrl: 'https://chatgpt.com/backend-api/codex',
      authMode: 'forward',
    },
    deepseek: {
      adapter: 'openai-chat',
      baseUrl: 'https://api.deepseek.com',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the form in config.json
      apiKey: '${DEEPSEEK_API_KEY}',
    },
    ollama: {
      adapter: 'openai-chat',
      baseUrl: 'http://localhost:11434/v1',
      models: ['qwen3-coder'],
      noVisionModels: ['qwen3-coder'],
    },
  },
  defaultProvider: 'openai',
  currentModel: 'deepseek/deepseek-v4-pro',
  subagentModels: ['deepseek/deepseek-flash', 'ollama/qwen3-coder'],
};

function child(schema: JsonSchema, name: string): JsonSchema | undefined {
  const found = schema.properties?.[name];
  return typeof found === 'object' ? found : undefined;
}

function table(schema: JsonSchema, leaveOut: readonly string[] = []): string {
  const rows = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    if (typeof field !== 'object' || leaveOut.includes(name)) {
      return [];
    }
    const needed = schema.required?.includes(name) === true ? ' (required)' : '';
    const fallback =
      field.default === undefined || typeof field.default === 'object'
        ? ''
        : ` Default ${code(JSON.stringify(field.default))}.`;
    const examples = field.examples ?? [];
    const shown =
      examples.length === 0
        ? ''
        : ` Example: ${examples.map((value) => code(JSON.stringify(value))).join(', ')}.`;
    const text = `${field.description ?? ''}${fallback}${shown}`.trim();
    return [`| ${code(name)}${needed} | ${cell(typeText(field))} | ${cell(text)} |\n`];
  });
  return `| Field | Type | Meaning |\n| --- | --- | --- |\n${rows.join('')}`;
}

function typeText(field: JsonSchema): string {
  if (field.enum !== undefined) {
    return field.enum.map((value) => code(String(value))).join(', ');
  }
  if (field.const !== undefined) {
    return code(String(field.const));
  }
  switch (field.type) {
    case 'array':
      return typeof field.items === 'object' &&
        !Array.isArray(field.items) &&
        field.items.type === 'string'
        ? 'list of strings'
        : 'list';
    case 'integer':
      return 'whole number';
    case 'boolean':
      return '`true` or `false`';
    default:
      return String(field.type ?? 'any');
  }
}

/** JSON with short lists on one line. */
function print(value: object): string {
  return JSON.stringify(value, null, 2).replace(
    /^(.*)\[((?:\n *(?:"(?:[^"\\]|\\.)*"|[\w.+-]+),?)+)\n *\](,?)$/gm,
    (whole, before: string, items: string, comma: string) => {
      const line = `${before}[${items.trim().replace(/,\n */g, ', ')}]${comma}`;
      return line.length <= 100 ? line : whole;
    },
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

const schema = jsonSchema();
const files = [
  { path: 'schemas/config.schema.json', text: `${print(schema)}\n` },
  { path: 'docs/configuration.md', text: markdown(schema) },
];

if (process.argv.includes('--check')) {
  for (const { path, text } of files) {
    let found = '';
    try {
      found = readFileSync(new URL(path, root), 'utf8');
    } catch {
      // A missing file is not up to date either.
    }
    if (found !== text) {
      console.error(`${path} is not up to date: run "npm run docs".`);
      process.exitCode = 1;
    }
  }
} else {
  mkdirSync(new URL('schemas', root), { recursive: true });
  for (const { path, text } of files) {
    writeFileSync(new URL(path, root), text);
  }
}

import * as z from 'zod/mini';
import type { Additions } from '../turn/additions.ts';
import { isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject, Tool } from '../turn/turn.ts';
import type { ToolOrigin } from './reply.ts';
import { problemOf } from './schema.ts';
import { ToolNames, toolIdentity } from './toolNames.ts';
import { toolParameters } from './toolSchema.ts';

const string = z.string('a string');
const named = {
  name: z.string('a string').check(z.minLength(1, 'a name')),
  description: z.nullish(string),
};
const schemas = {
  function: z.object({
    ...named,
    parameters: z.optional(z.custom<Json>()),
    strict: z.nullish(z.boolean('true or false')),
  }),
  custom: z.object({
    ...named,
    format: z.nullish(
      z.object(
        { type: string, syntax: z.nullish(string), definition: z.nullish(string) },
        'an object',
      ),
    ),
  }),
  tool_search: z.object({
    execution: z.nullish(string),
    description: z.nullish(string),
    parameters: z.optional(z.custom<Json>()),
  }),
  namespace: z.object({
    ...named,
    tools: z.array(z.custom<JsonObject>(isJsonObject, 'an object'), 'an array'),
  }),
};
/** What Codex calls the tool that finds deferred tools. */
export const toolSearchName = 'tool_search';

interface Entry {
  readonly tool: Tool;
  readonly origin: ToolOrigin;
  /** What its description says that the client's does not. */
  readonly added: readonly string[];
}

/**
 * The tools of one request, gathered from `tools`, `additional_tools` and what tool searches found,
 * all flattened to functions. A tool that is declared again keeps its place and takes the newer
 * definition; new ones come last, so that a provider's prompt cache holds as long as it can.
 */
export class Toolset {
  readonly #names = new ToolNames();
  readonly #entries = new Map<string, Entry>();
  /** What a namespace says of itself is told by its first tool. */
  readonly #namespaces = new Map<
    string,
    { readonly first: string; readonly description: string }
  >();

  /** Adds declarations; gives a sentence where one is malformed. Hosted and unknown tools are left out. */
  declare(tools: readonly JsonObject[], at: string): string | undefined {
    for (const [index, tool] of tools.entries()) {
      const problem = this.#declareOne(tool, undefined, `${at}[${index}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** The flat name of a tool of the history, declared or not. */
  nameOf(namespace: string | null | undefined, name: string): string {
    return this.#names.of(namespace ?? undefined, name);
  }

  /** The declared tool of that name, as the client spells it. */
  find(namespace: string | undefined, name: string): Tool | undefined {
    return this.#entries.get(toolIdentity(namespace, name))?.tool;
  }

  get tools(): readonly Tool[] {
    const about = new Map([...this.#namespaces.values()].map((n) => [n.first, n.description]));
    return [...this.#entries].map(([identity, { tool }]) => {
      const description = about.get(identity);
      return description === undefined || description === ''
        ? tool
        : { ...tool, description: joined(description, tool.description) };
    });
  }

  /** Notes what the descriptions of these tools say that the client's do not. */
  noteAdditions(tools: readonly Tool[], additions: Additions): void {
    const offered = new Set(tools.map((tool) => tool.name));
    for (const { tool, added } of this.#entries.values()) {
      if (!offered.has(tool.name)) continue;
      for (const text of added) additions.add('custom_tool', text);
    }
  }

  get origins(): Readonly<Record<string, ToolOrigin>> {
    return Object.fromEntries(
      [...this.#entries.values()].map(({ tool, origin }) => [tool.name, origin]),
    );
  }

  #declareOne(tool: JsonObject, namespace: string | undefined, at: string): string | undefined {
    switch (tool['type']) {
      case 'function': {
        const plain = plainFunction(tool);
        const parsed = plain ?? z.safeParse(schemas.function, tool);
        if (!parsed.success) return problemOf(parsed.error, tool, at);
        const { name, description, parameters, strict } = parsed.data;
        this.#add(
          namespace,
          name,
          {
            description: description ?? '',
            parameters: toolParameters(parameters),
            strict: strict ?? false,
          },
          { kind: 'function', name, namespace },
        );
        return undefined;
      }
      case 'custom': {
        const parsed = z.safeParse(schemas.custom, tool);
        if (!parsed.success) return problemOf(parsed.error, tool, at);
        const { name, description, format } = parsed.data;
        const told = customDescription(description ?? '', format ?? undefined);
        this.#add(
          namespace,
          name,
          { description: told.text, parameters: rawInputParameters, strict: false },
          { kind: 'custom', name, namespace },
          told.added,
        );
        return undefined;
      }
      case 'tool_search': {
        const parsed = z.safeParse(schemas.tool_search, tool);
        if (!parsed.success) return problemOf(parsed.error, tool, at);
        // Without `execution: "client"` it is OpenAI's server that searches.
        if (parsed.data.execution !== 'client') return undefined;
        this.#add(
          undefined,
          toolSearchName,
          {
            description: parsed.data.description ?? '',
            parameters: toolParameters(parsed.data.parameters),
            strict: false,
          },
          { kind: 'tool_search', name: toolSearchName },
        );
        return undefined;
      }
      case 'namespace': {
        const parsed = z.safeParse(schemas.namespace, tool);
        if (!parsed.success) return problemOf(parsed.error, tool, at);
        if (namespace === undefined) return this.#declareNamespace(parsed.data, at);
        return undefined;
      }
      default:
        return undefined;
    }
  }

  #declareNamespace(namespace: z.infer<typeof schemas.namespace>, at: string): string | undefined {
    const { name, description, tools } = namespace;
    for (const [index, tool] of tools.entries()) {
      const problem = this.#declareOne(tool, name, `${at}.tools[${index}]`);
      if (problem !== undefined) return problem;
    }
    const known = this.#namespaces.get(name)?.first;
    const first = known ?? firstOf(name, tools);
    if (first !== undefined) this.#namespaces.set(name, { first, description: description ?? '' });
    return undefined;
  }

  #add(
    namespace: string | undefined,
    name: string,
    rest: Omit<Tool, 'name'>,
    origin: ToolOrigin,
    added: readonly string[] = [],
  ): void {
    this.#entries.set(toolIdentity(namespace, name), {
      tool: { name: this.#names.of(namespace, name), ...rest },
      origin,
      added,
    });
  }
}

/** A function as Codex declares it: what the schema would say, sooner. `undefined`: ask the schema. */
function plainFunction(tool: JsonObject) {
  const { name, description, parameters, strict } = tool;
  if (typeof name !== 'string' || name === '' || typeof description !== 'string') return undefined;
  if (strict !== undefined && typeof strict !== 'boolean') return undefined;
  return { success: true, data: { name, description, parameters, strict } } as const;
}

function firstOf(namespace: string, tools: readonly JsonObject[]): string | undefined {
  const name = tools.find((tool) => tool['type'] === 'function' || tool['type'] === 'custom')?.[
    'name'
  ];
  return typeof name === 'string' ? toolIdentity(namespace, name) : undefined;
}

/** Paragraphs, empty ones left out. */
function joined(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

/**
 * A custom tool takes raw text. Providers only know functions, so it becomes one with a single
 * string parameter, and `customInput` takes the text out again.
 */
export const rawInputKey = 'input';
const rawInputText =
  'The raw text goes into the string parameter `input` as it is: no JSON, no quotes and no code fence inside.';
const rawInputParameters: JsonObject = {
  type: 'object',
  properties: { [rawInputKey]: { type: 'string' } },
  required: [rawInputKey],
  additionalProperties: false,
};

type CustomFormat = NonNullable<z.infer<typeof schemas.custom>['format']>;

/** A custom tool's description as a function's, and what in it is ours. */
function customDescription(
  description: string,
  format: CustomFormat | undefined,
): { readonly text: string; readonly added: readonly string[] } {
  if (!format?.definition) {
    return { text: joined(description, rawInputText), added: [rawInputText] };
  }
  const head = `The text must match this ${format.syntax ? `${format.syntax} ` : ''}grammar:`;
  return {
    text: joined(description, rawInputText, `${head}\n${format.definition}`),
    added: [rawInputText, head],
  };
}

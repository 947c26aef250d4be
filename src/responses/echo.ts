import { isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';
import type { ResponseEcho } from './reply.ts';
import type { RequestBody } from './schema.ts';

/** What a Response object repeats of its request, as far as the API's schema has a place for it. */
export function echoOf(body: RequestBody): ResponseEcho {
  return {
    instructions: typeof body.instructions === 'string' ? body.instructions : null,
    toolChoice: toolChoice(body.tool_choice ?? undefined),
    // Only a whole answer repeats the tools, which may be long.
    toolsJson: body.stream === true ? '[]' : JSON.stringify((body.tools ?? []).flatMap(tool)),
    parallelToolCalls: body.parallel_tool_calls ?? true,
    reasoningEffort: oneOf(efforts, body.reasoning?.effort),
    reasoningSummary: oneOf(summaries, body.reasoning?.summary),
    temperature: body.temperature ?? null,
    topP: body.top_p ?? null,
    maxOutputTokens: body.max_output_tokens ?? null,
    promptCacheKey: body.prompt_cache_key ?? null,
    serviceTier: oneOf(serviceTiers, body.service_tier),
    metadata: Object.fromEntries(
      Object.entries(body.metadata ?? {}).flatMap(([key, value]) =>
        typeof value === 'string' ? [[key, value]] : [],
      ),
    ),
    textFormat: textFormat(body),
    verbosity: oneOf(verbosities, body.text?.verbosity),
  };
}

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const summaries = ['auto', 'concise', 'detailed'];
const serviceTiers = ['default', 'flex', 'scale', 'priority'];
const verbosities = ['low', 'medium', 'high'];

function oneOf(words: readonly string[], word: string | null | undefined): string | null {
  return typeof word === 'string' && words.includes(word) ? word : null;
}

function toolChoice(given: Json | undefined): Json {
  if (given === 'none' || given === 'required') return given;
  return isJsonObject(given) && typeof given['type'] === 'string' ? given : 'auto';
}

/** A declared tool with the defaults that the API fills in. Tools that the schema does not know are left out. */
function tool(given: JsonObject): JsonObject[] {
  switch (given['type']) {
    case 'function':
      return [
        {
          type: 'function',
          name: given['name'] ?? '',
          description: given['description'] ?? null,
          parameters: given['parameters'] ?? null,
          strict: given['strict'] ?? false,
        },
      ];
    case 'custom':
    case 'namespace':
    case 'tool_search':
    case 'web_search':
      return [given];
    default:
      return [];
  }
}

function textFormat(body: RequestBody): JsonObject {
  const format = body.text?.format;
  switch (format?.type) {
    case 'json_object':
      return { type: 'json_object' };
    case 'json_schema':
      return {
        type: 'json_schema',
        name: format.name ?? 'response',
        description: format.description ?? '',
        schema: format.schema ?? {},
        strict: format.strict ?? false,
      };
    default:
      return { type: 'text' };
  }
}

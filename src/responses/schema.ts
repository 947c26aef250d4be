import * as z from 'zod/mini';
import { isJsonArray, isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';

/**
 * What a request must look like where it is used at all; everything else in it is ignored. The
 * messages are noun phrases that complete "must be …" in `problemOf`.
 */
const string = z.string('a string');
const boolean = z.boolean('true or false');
const number = z.number('a number');
const array = z.array(z.custom<Json>(), 'an array');
const object = z.custom<JsonObject>(isJsonObject, 'an object');

export const bodySchema = z.object({
  model: z.string('a string').check(z.minLength(1, 'a name')),
  input: z.nullish(z.union([string, array], 'a string or an array of items')),
  instructions: z.nullish(z.union([string, array], 'a string')),
  tools: z.nullish(z.array(object, 'an array')),
  tool_choice: z.nullish(z.union([string, object], 'a word or an object')),
  parallel_tool_calls: z.nullish(boolean),
  reasoning: z.nullish(
    z.object({ effort: z.nullish(string), summary: z.nullish(string) }, 'an object'),
  ),
  text: z.nullish(
    z.object(
      {
        verbosity: z.nullish(string),
        format: z.nullish(
          z.object(
            {
              type: string,
              name: z.nullish(string),
              description: z.nullish(string),
              schema: z.nullish(object),
              strict: z.nullish(boolean),
            },
            'an object',
          ),
        ),
      },
      'an object',
    ),
  ),
  max_output_tokens: z.nullish(number.check(z.positive('a number above 0'))),
  temperature: z.nullish(number),
  top_p: z.nullish(number),
  stream: z.nullish(boolean),
  prompt_cache_key: z.nullish(string),
  service_tier: z.nullish(string),
  metadata: z.nullish(object),
  previous_response_id: z.nullish(string),
  conversation: z.nullish(z.custom<Json>()),
  background: z.nullish(boolean),
});

export type RequestBody = z.infer<typeof bodySchema>;

const callId = z.nullish(string);
const namespace = z.nullish(string);
const content = z.nullish(z.union([string, array], 'a string or an array of parts'));
const output = z.nullish(z.union([string, array, object], 'a string or an array of parts'));
const encrypted = z.nullish(string);

/** An item of `input` of a type that means something to us. */
export const itemSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), role: string, content }),
  z.object({ type: z.literal('agent_message'), content: array }),
  z.object({
    type: z.literal('reasoning'),
    summary: z.nullish(array),
    content: z.nullish(array),
    encrypted_content: encrypted,
  }),
  z.object({
    type: z.literal('function_call'),
    call_id: string,
    name: string,
    namespace,
    arguments: string,
  }),
  z.object({
    type: z.literal('custom_tool_call'),
    call_id: string,
    name: string,
    namespace,
    input: string,
  }),
  z.object({
    type: z.literal('tool_search_call'),
    call_id: callId,
    arguments: z.optional(z.custom<Json>()),
  }),
  z.object({ type: z.literal('local_shell_call'), call_id: callId, action: z.nullish(object) }),
  z.object({
    type: z.enum(['function_call_output', 'custom_tool_call_output', 'local_shell_call_output']),
    call_id: callId,
    output,
  }),
  z.object({
    type: z.literal('tool_search_output'),
    call_id: callId,
    tools: z.nullish(z.array(object, 'an array')),
  }),
  z.object({ type: z.literal('additional_tools'), tools: z.array(object, 'an array') }),
  z.object({ type: z.literal('image_generation_call'), revised_prompt: z.nullish(string) }),
  z.object({ type: z.enum(['compaction', 'context_compaction']), encrypted_content: encrypted }),
  z.object({
    type: z.literal('configuration_update'),
    reasoning: z.nullish(z.object({ effort: z.nullish(string) }, 'an object')),
  }),
  z.object({ type: z.literal('item_reference'), id: string }),
  z.object({ type: z.literal('compaction_trigger') }),
]);
export type Item = z.infer<typeof itemSchema>;

/** The item is of a type that `itemSchema` does not know: a hosted tool's, or one of the future. */
export function isUnknownType(error: z.core.$ZodError): boolean {
  const path = error.issues[0]?.path;
  return path?.length === 1 && path[0] === 'type';
}

/** What is wrong, in one sentence that names the field: `"input[3].call_id" must be a string, but is missing.` */
export function problemOf(error: z.core.$ZodError, value: Json, at: string): string {
  const issue = error.issues[0];
  if (issue?.path.length === 0 && at === '') return 'the body must be a JSON object.';
  if (issue === undefined) return `"${at}" cannot be read.`;
  let actual: Json | undefined = value;
  let path = at;
  for (const key of issue.path) {
    if (typeof key === 'number') {
      path += `[${key}]`;
      actual = isJsonArray(actual) ? actual[key] : undefined;
    } else {
      path += path === '' ? String(key) : `.${String(key)}`;
      actual = isJsonObject(actual) ? actual[String(key)] : undefined;
    }
  }
  const expected =
    'expected' in issue && issue.message === 'Invalid input' ? issue.expected : issue.message;
  return `"${path}" must be ${expected}, but is ${kindOf(actual)}.`;
}

function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (value === '') return 'empty';
  if (isJsonArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

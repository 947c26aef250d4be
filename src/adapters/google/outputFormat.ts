import type { Additions } from '../../turn/additions.ts';
import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject, OutputFormat } from '../../turn/turn.ts';
import { jsonObjectInstruction, jsonSchemaInstruction } from '../answerInstruction.ts';
import { listOf } from '../json.ts';
import { resolveReference } from '../schema/references.ts';
import type { Rule } from './models.ts';
import { rewritten, withEnum } from './schema.ts';

/** How the form of the answer is asked for: by fields of `generationConfig`, by an instruction, or both. */
export interface OutputRequest {
  readonly fields: JsonObject;
  readonly instruction: string | undefined;
}

const json = { responseMimeType: 'application/json' };

/** https://ai.google.dev/gemini-api/docs/structured-output */
export function outputRequest(
  output: OutputFormat,
  rule: Rule,
  withTools: boolean,
  additions: Additions,
): OutputRequest {
  if (output.type === 'text') return { fields: {}, instruction: undefined };
  const native =
    rule.outputSchema === 'always' || (rule.outputSchema === 'without_tools' && !withTools);
  if (output.type === 'json_object') {
    return native
      ? { fields: json, instruction: undefined }
      : { fields: {}, instruction: jsonObjectInstruction(withTools, additions) };
  }
  const told = () => jsonSchemaInstruction(output.schema, withTools, additions);
  if (!native || isRecursive(output.schema)) return { fields: {}, instruction: told() };
  const { schema, isWhole } = constrained(output.schema);
  return {
    fields: { ...json, responseJsonSchema: schema },
    instruction: isWhole ? undefined : told(),
  };
}

/** https://ai.google.dev/api/generate-content#FIELDS.response_json_schema */
const keywords = new Set([
  ...['$id', '$defs', '$ref', '$anchor', 'type', 'format', 'title', 'description', 'enum', 'items'],
  ...['prefixItems', 'minItems', 'maxItems', 'minimum', 'maximum', 'anyOf', 'oneOf', 'properties'],
  ...['additionalProperties', 'required', 'propertyOrdering'],
]);
const formats = new Set(['date-time', 'date', 'time']);
/** They say nothing of what is valid. */
const notes = new Set(['$schema', '$comment', 'default', 'examples', 'deprecated']);

/** The schema in the API's subset; not whole where the subset cannot say something. */
function constrained(schema: JsonObject): { readonly schema: Json; readonly isWhole: boolean } {
  let isWhole = true;
  const narrowed = rewritten(schema, (part) => {
    const own = withDefs(withEnum(part));
    const lost = Object.keys(own).filter((key) => !isTaken(key, own));
    const listsValues = 'enum' in part || 'const' in part;
    const keepsValues = 'enum' in own || ('anyOf' in own && !('anyOf' in part));
    isWhole &&= lost.every((key) => isNote(key, own)) && (!listsValues || keepsValues);
    return Object.fromEntries(
      Object.entries(own)
        .filter(([key]) => !lost.includes(key))
        .map(([key, value]) => [key, key === '$ref' ? moved(value) : value]),
    );
  });
  return { schema: narrowed, isWhole };
}

/** Beside a reference nothing may stand. */
function isTaken(key: string, schema: JsonObject): boolean {
  if ('$ref' in schema && !key.startsWith('$')) return false;
  return keywords.has(key) && (key !== 'format' || formats.has(String(schema[key])));
}

/** To leave it out is no loss. */
function isNote(key: string, schema: JsonObject): boolean {
  return notes.has(key) || ('$ref' in schema && (key === 'title' || key === 'description'));
}

/** Older drafts keep definitions elsewhere. */
function withDefs(schema: JsonObject): JsonObject {
  const { definitions, ...own } = schema;
  return isJsonObject(definitions) ? { ...own, $defs: { ...definitions, ...defsOf(own) } } : own;
}

function defsOf(schema: JsonObject): JsonObject {
  return isJsonObject(schema['$defs']) ? schema['$defs'] : {};
}

function moved(value: Json): Json {
  return typeof value === 'string' ? value.replace(/^#\/definitions\//, '#/$defs/') : value;
}

/** Deeper than any real schema. */
const deepest = 64;
/** Definitions count only where something refers to them. */
const definitionGroups = new Set(['$defs', 'definitions']);

/** Whether a reference leads back to itself. The API unrolls such schemas only so far, and refuses some. */
function isRecursive(schema: JsonObject): boolean {
  const open = new Set<string>();
  const done = new Set<string>();
  const returns = (value: Json, depth: number): boolean => {
    if (depth > deepest) return true;
    if (Array.isArray(value)) return listOf(value).some((part) => returns(part, depth + 1));
    if (!isJsonObject(value)) return false;
    return Object.entries(value).some(([key, part]) => {
      if (key === '$ref' && typeof part === 'string') return leadsBack(part);
      return !definitionGroups.has(key) && returns(part, depth + 1);
    });
  };
  const leadsBack = (reference: string): boolean => {
    if (open.has(reference)) return true;
    if (done.has(reference)) return false;
    open.add(reference);
    const found = returns(resolveReference(schema, reference) ?? {}, 0);
    open.delete(reference);
    done.add(reference);
    return found;
  };
  return returns(schema, 0);
}

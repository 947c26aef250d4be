import { isJsonObject } from '../../turn/json.ts';
import type { JsonObject } from '../../turn/turn.ts';
import { modernSchema } from './modernSchema.ts';
import { objectRoot } from './objectRoot.ts';

/**
 * A tool's parameters as the API takes them: valid JSON Schema 2020-12 with an object and no union
 * at the root. One tool that is not makes it refuse the whole request.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use
 */
export function inputSchema(parameters: JsonObject): JsonObject {
  const schema = modernSchema(parameters);
  return objectRoot(isJsonObject(schema) ? schema : {});
}

/** The API checks the names of the root's properties against this, and no others. */
const propertyName = /^[A-Za-z0-9_.-]{1,64}$/;

export function hasPlainNames(schema: JsonObject): boolean {
  const properties = schema['properties'];
  return (
    !isJsonObject(properties) || Object.keys(properties).every((name) => propertyName.test(name))
  );
}

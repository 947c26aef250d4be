import type { Additions } from '../../turn/additions.ts';
import type { JsonObject, OutputFormat } from '../../turn/turn.ts';
import { jsonObjectInstruction, jsonSchemaInstruction } from '../answerInstruction.ts';
import { toolSchema } from '../schema/toolSchema.ts';
import type { ChatQuirks } from './quirks.ts';

/** `response_format`, and in words what the host cannot be asked for otherwise. */
export interface StructuredOutput {
  readonly responseFormat: JsonObject | undefined;
  readonly instruction: string | undefined;
}

const plain: StructuredOutput = { responseFormat: undefined, instruction: undefined };

/** Asks for the format in the way the host takes it. */
export function structuredOutput(
  output: OutputFormat,
  quirks: ChatQuirks,
  withTools: boolean,
  additions: Additions,
): StructuredOutput {
  if (output.type === 'text') return plain;
  const excluded = withTools && quirks.responseFormatExcludesTools === true;
  const taken = excluded ? 'none' : (quirks.responseFormat ?? 'json_schema');
  const jsonObject = { type: 'json_object' };
  if (output.type === 'json_object') {
    return taken === 'json_schema' || taken === 'json_object'
      ? { responseFormat: jsonObject, instruction: undefined }
      : { responseFormat: undefined, instruction: jsonObjectInstruction(withTools, additions) };
  }
  if (taken === 'json_schema' || taken === 'json_schema_only') {
    const { name, schema, strict } = output;
    const json_schema = { name, schema: toolSchema(schema, quirks.toolSchema ?? 'full'), strict };
    return { responseFormat: { type: 'json_schema', json_schema }, instruction: undefined };
  }
  return {
    responseFormat: taken === 'json_object' ? jsonObject : undefined,
    instruction: jsonSchemaInstruction(output.schema, withTools, additions),
  };
}

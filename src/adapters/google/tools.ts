import type { Json, JsonObject, Tool, Turn } from '../../turn/turn.ts';
import { defined } from '../json.ts';
import { parametersSchema } from './schema.ts';

/** The `tools` of a request: https://ai.google.dev/gemini-api/docs/function-calling */
export function toolDefinitions(tools: readonly Tool[]): Json | undefined {
  if (tools.length === 0) return undefined;
  const functionDeclarations = tools.map((tool) =>
    defined({
      name: tool.name,
      description: tool.description === '' ? undefined : tool.description,
      parametersJsonSchema: parametersSchema(tool.parameters),
    }),
  );
  return [{ functionDeclarations }];
}

/** `toolConfig`; left out where it would say what the API does anyway. */
export function toolConfig({ tools, toolChoice }: Turn): JsonObject | undefined {
  if (tools.length === 0) return undefined;
  switch (toolChoice.type) {
    case 'auto':
      return tools.some((tool) => tool.strict) ? calling({ mode: 'VALIDATED' }) : undefined;
    case 'none':
      return calling({ mode: 'NONE' });
    case 'required':
      return calling({ mode: 'ANY' });
    case 'tool':
      return calling({
        mode: 'ANY',
        allowedFunctionNames: [toolChoice.name],
      });
  }
}

function calling(functionCallingConfig: JsonObject): JsonObject {
  return { functionCallingConfig };
}

/** The name that a model means: some write the namespace that the API shows them in front. */
export function calledName(name: string): string {
  return name.replace(/^default_api[.:]/, '');
}

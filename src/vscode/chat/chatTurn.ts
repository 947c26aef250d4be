import {
  LanguageModelChatMessageRole,
  type LanguageModelChatRequestMessage,
  LanguageModelChatToolMode,
  LanguageModelDataPart,
  LanguageModelPromptTsxPart,
  LanguageModelTextPart,
  LanguageModelToolCallPart,
  LanguageModelToolResultPart,
  type ProvideLanguageModelChatResponseOptions,
} from 'vscode';
import { ToolNames } from '../../responses/toolNames.ts';
import { isJsonObject } from '../../turn/json.ts';
import { type HistoryEntry, pairHistory } from '../../turn/pairing.ts';
import { type ImagePart, type TextPart, type Tool, type Turn, unsaid } from '../../turn/turn.ts';
import { readThinking, systemRole } from '../untyped.ts';

export interface ReadChat {
  readonly turn: Turn;
  /** The chat's name of a tool by the name that the provider knows. */
  readonly tools: ReadonlyMap<string, string>;
}

type Options = Pick<ProvideLanguageModelChatResponseOptions, 'tools' | 'toolMode'>;

/** Makes a Turn of what the editor's chat asks. Its private options stay here. */
export function readChat(
  model: string,
  messages: readonly LanguageModelChatRequestMessage[],
  { tools = [], toolMode }: Options,
): ReadChat {
  const names = new ToolNames();
  const turnTools = tools.map(
    ({ name, description, inputSchema }): Tool => ({
      name: names.of(undefined, name),
      description,
      parameters: parametersOf(inputSchema),
      strict: false,
    }),
  );
  const entries = messages.flatMap((message) => entriesOf(message, names));
  const required = toolMode === LanguageModelChatToolMode.Required && tools.length > 0;
  return {
    tools: new Map(tools.map(({ name }) => [names.of(undefined, name), name])),
    turn: {
      ...unsaid,
      model,
      messages: pairHistory(entries),
      tools: turnTools,
      toolChoice: { type: required ? 'required' : 'auto' },
      reasoning: { effort: undefined, summary: 'auto' },
      output: { type: 'text' },
      stream: true,
    },
  };
}

function parametersOf(schema: unknown): Tool['parameters'] {
  return isJsonObject(schema) && schema['type'] === 'object'
    ? schema
    : { type: 'object', properties: {} };
}

function entriesOf(
  { role, content }: LanguageModelChatRequestMessage,
  names: ToolNames,
): readonly HistoryEntry[] {
  if (role === LanguageModelChatMessageRole.Assistant) {
    return content.flatMap((part) => assistantEntry(part, names));
  }
  const system = Number(role) === systemRole;
  const entries: HistoryEntry[] = [];
  const said: (TextPart | ImagePart)[] = [];
  for (const part of content) {
    if (part instanceof LanguageModelToolResultPart) {
      entries.push({ type: 'result', callId: part.callId, content: contentOf(part.content) });
    } else {
      said.push(...contentOf([part]));
    }
  }
  if (system) {
    entries.push({ type: 'system', content: said.filter((part) => part.type === 'text') });
  } else if (said.length > 0) {
    entries.push({ type: 'user', content: said });
  }
  return entries;
}

function assistantEntry(part: unknown, names: ToolNames): readonly HistoryEntry[] {
  const thinking = readThinking(part);
  if (thinking !== undefined) {
    const { text, sealed } = thinking;
    return [{ type: 'assistant', part: { type: 'reasoning', text, carry: sealed } }];
  }
  if (part instanceof LanguageModelToolCallPart) {
    const { callId, name, input } = part;
    const call = { callId, name: names.of(undefined, name), arguments: JSON.stringify(input) };
    return [{ type: 'assistant', part: { type: 'tool_call', ...call } }];
  }
  return contentOf([part]).flatMap((inner) =>
    inner.type === 'text' ? [{ type: 'assistant', part: inner }] : [],
  );
}

function contentOf(parts: readonly unknown[]): readonly (TextPart | ImagePart)[] {
  return parts.flatMap((part): readonly (TextPart | ImagePart)[] => {
    if (part instanceof LanguageModelTextPart) return [{ type: 'text', text: part.value }];
    if (part instanceof LanguageModelDataPart) return dataContent(part);
    if (part instanceof LanguageModelPromptTsxPart) {
      return [{ type: 'text', text: JSON.stringify(part.value) ?? '' }];
    }
    return [];
  });
}

/** Marks and counts of other extensions are data parts as well. */
function dataContent({ mimeType, data }: LanguageModelDataPart): readonly (TextPart | ImagePart)[] {
  if (/^image\/[\w.+-]+$/.test(mimeType)) {
    const base64 = Buffer.from(data).toString('base64');
    return [{ type: 'image', url: `data:${mimeType};base64,${base64}`, detail: undefined }];
  }
  if (!/^text\/|[/+]json$/.test(mimeType)) return [];
  return [{ type: 'text', text: new TextDecoder().decode(data) }];
}

import { Additions } from '../../turn/additions.ts';
import { parseJsonObject } from '../../turn/json.ts';
import type {
  AssistantMessage,
  ImagePart,
  Message,
  OutputFormat,
  TextPart,
  Tool,
  Turn,
} from '../../turn/turn.ts';
import type { EncodedRequest } from '../adapter.ts';
import { jsonObjectInstruction, jsonSchemaInstruction } from '../answerInstruction.ts';
import type { Target } from '../target.ts';
import type { EditorContent, EditorMessage, EditorPart, EditorRequest } from './request.ts';

/** Requests with an address of this scheme go to a window of the editor. */
export const editorScheme = 'vscode:';

/** The editor's name of the model that an address of `editorScheme` stands for. */
export function modelAt(url: string): string {
  return decodeURIComponent(url.slice(editorScheme.length));
}

/** Turns a Turn into what the editor's language model API takes. */
export function encode(turn: Turn, target: Target): EncodedRequest {
  const additions = new Additions();
  const sees = target.traits.vision !== false;
  const tools = offered(turn);
  const instruction = formInstruction(turn.output, tools.length > 0, additions);
  const messages = turn.messages.map((message) => messageOf(message, sees, additions));
  if (instruction !== undefined) messages.unshift(userText(instruction));
  const request: EditorRequest = {
    model: turn.model,
    messages: joined(messages),
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      description,
      inputSchema: { ...parameters },
    })),
    mustCall:
      tools.length > 0 && (turn.toolChoice.type === 'required' || turn.toolChoice.type === 'tool'),
  };
  return {
    url: editorScheme + encodeURIComponent(turn.model),
    headers: {},
    body: JSON.stringify(request),
    additions: additions.list,
  };
}

/** A certain tool is asked for by offering no other: the API knows only "one of them". */
function offered({ tools, toolChoice }: Turn): readonly Tool[] {
  switch (toolChoice.type) {
    case 'none':
      return [];
    case 'tool':
      return tools.filter(({ name }) => name === toolChoice.name);
    case 'auto':
    case 'required':
      return tools;
  }
}

function formInstruction(
  output: OutputFormat,
  withTools: boolean,
  additions: Additions,
): string | undefined {
  switch (output.type) {
    case 'text':
      return undefined;
    case 'json_object':
      return jsonObjectInstruction(withTools, additions);
    case 'json_schema':
      return jsonSchemaInstruction(output.schema, withTools, additions);
  }
}

function messageOf(message: Message, sees: boolean, additions: Additions): EditorMessage {
  switch (message.role) {
    // The editor lets extensions speak as the user only.
    case 'system':
      return { role: 'user', content: [...message.content] };
    case 'user':
      return { role: 'user', content: contentOf(message.content, sees, additions) };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content.flatMap(assistantPart),
      };
    case 'tool': {
      const content = contentOf(message.content, sees, additions);
      return { role: 'user', content: [{ type: 'result', callId: message.callId, content }] };
    }
  }
}

function assistantPart(part: AssistantMessage['content'][number]): EditorPart[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }];
    case 'tool_call': {
      const { callId, name } = part;
      return [{ type: 'call', callId, name, input: { ...parseJsonObject(part.arguments) } }];
    }
    case 'reasoning':
      return [];
  }
}

function contentOf(
  parts: readonly (TextPart | ImagePart)[],
  sees: boolean,
  additions: Additions,
): EditorContent[] {
  return parts.map((part): EditorContent => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    const [, mimeType, data] = /^data:([\w.+-]+\/[\w.+-]+);base64,(.*)$/s.exec(part.url) ?? [];
    if (sees && mimeType !== undefined && data !== undefined) {
      return { type: 'image', mimeType, data };
    }
    const why = sees ? 'it is not part of the request' : 'this model takes text only';
    return {
      type: 'text',
      text: additions.add('attachment', `[An image that cannot be shown: ${why}.]`),
    };
  });
}

/** Who speaks twice in a row says it in one message; the instructions in front stay on their own. */
function joined(messages: readonly EditorMessage[]): EditorMessage[] {
  const rows: EditorMessage[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.content.length === 0) continue;
    const last = rows.at(-1);
    if (last?.role === message.role && index > 1) last.content.push(...message.content);
    else rows.push({ ...message, content: [...message.content] });
  }
  return rows;
}

function userText(text: string): EditorMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

import type {
  AssistantMessage,
  ImagePart,
  Json,
  Message,
  ReasoningPart,
  TextPart,
  Tool,
  ToolCallPart,
  ToolMessage,
  Turn,
} from '../../src/turn/turn.ts';
import type { JsonRecord } from '../support/json.ts';
import { plainTurn } from '../support/plainTurn.ts';

export const shell: Tool = {
  name: 'exec_command',
  description: 'Runs a command',
  parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
  strict: false,
};

export function turnOf(parts: Partial<Turn> = {}): Turn {
  return {
    ...plainTurn,
    model: 'acme-large',
    messages: [system('Be brief.'), user('Hello')],
    tools: [shell],
    parallelToolCalls: true,
    reasoning: { effort: undefined, summary: 'auto' },
    cacheKey: 'session',
    ...parts,
  };
}

export const text = (words: string): TextPart => ({ type: 'text', text: words });
export const image = (url: string): ImagePart => ({ type: 'image', url, detail: 'high' });
export const png = image('data:image/png;base64,iVBORw0KGgo=');
export const call = (callId: string, args = '{"cmd":"ls"}', name = shell.name): ToolCallPart => ({
  type: 'tool_call',
  callId,
  name,
  arguments: args,
});
export const thought = (words: string, carry?: Json): ReasoningPart => ({
  type: 'reasoning',
  text: words,
  carry,
});

export function system(...words: readonly string[]): Message {
  return { role: 'system', content: words.map(text) };
}

export function user(...content: readonly (string | ImagePart)[]): Message {
  return {
    role: 'user',
    content: content.map((part) => (typeof part === 'string' ? text(part) : part)),
  };
}

export function assistant(...content: AssistantMessage['content']): Message {
  return { role: 'assistant', content };
}

export function result(callId: string, ...content: readonly (string | ImagePart)[]): ToolMessage {
  return {
    role: 'tool',
    callId,
    name: shell.name,
    content: content.map((part) => (typeof part === 'string' ? text(part) : part)),
  };
}

/** An encoded turn: its body as JSON and as it is. */
export interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonRecord;
  readonly text: string;
}

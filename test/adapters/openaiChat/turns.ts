import { openaiChat } from '../../../src/adapters/openaiChat/adapter.ts';
import type { Target } from '../../../src/adapters/target.ts';
import type { Message, Tool, Turn } from '../../../src/turn/turn.ts';
import { isRecord, type JsonRecord } from '../../support/json.ts';
import { turnOf, user } from '../turns.ts';

export const shell: Tool = {
  name: 'shell',
  description: 'Runs a command.',
  parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
  strict: false,
};
export const look: Tool = {
  name: 'look',
  description: '',
  parameters: { type: 'object', properties: {} },
  strict: true,
};

export const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** One step with two calls and an image, asked for in a conversation. */
export const conversation: readonly Message[] = [
  { role: 'system', content: [{ type: 'text', text: 'You code.' }] },
  { role: 'system', content: [{ type: 'text', text: 'You may write.' }] },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Look:' },
      { type: 'image', url: pixel, detail: 'original' },
    ],
  },
  {
    role: 'assistant',
    content: [
      { type: 'text', text: 'I look.' },
      { type: 'tool_call', callId: 'call_1', name: 'shell', arguments: '{"cmd":"ls"}' },
      { type: 'tool_call', callId: 'call_2', name: 'look', arguments: '{}' },
    ],
  },
  { role: 'tool', callId: 'call_1', name: 'shell', content: [{ type: 'text', text: 'a.txt' }] },
  {
    role: 'tool',
    callId: 'call_2',
    name: 'look',
    content: [
      { type: 'text', text: 'Here:' },
      { type: 'image', url: pixel, detail: undefined },
    ],
  },
  { role: 'system', content: [{ type: 'text', text: 'Be quick.' }] },
  { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
];

/** A turn that asks for nothing but an answer. */
export function turn(part: Partial<Turn> = {}): Turn {
  return turnOf({
    messages: [user('Hi')],
    tools: [],
    parallelToolCalls: undefined,
    reasoning: { effort: undefined, summary: undefined },
    cacheKey: undefined,
    ...part,
  });
}

/** The body that the host would get. */
export function bodyOf(sent: Turn, target: Target): JsonRecord {
  const body: unknown = JSON.parse(openaiChat.encode(sent, target).body);
  if (!isRecord(body)) throw new Error('the body is no object');
  return body;
}

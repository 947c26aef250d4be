import assert from 'node:assert/strict';
import { it } from 'node:test';
import { callsAsText } from '../../src/turn/callsAsText.ts';

it('writes calls and results as text and drops the reasoning that belongs to them', () => {
  const messages = callsAsText([
    { role: 'user', content: [{ type: 'text', text: 'q' }] },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm', carry: { signature: 's' } },
        { type: 'text', text: 'looking' },
        { type: 'tool_call', callId: 'a', name: 'run', arguments: '{"cmd":"ls"}' },
        { type: 'tool_call', callId: 'b', name: 'see', arguments: '{}' },
      ],
    },
    { role: 'tool', callId: 'a', name: 'run', content: [{ type: 'text', text: 'file' }] },
    {
      role: 'tool',
      callId: 'b',
      name: 'see',
      content: [{ type: 'image', url: 'data:image/png;base64,AA==', detail: undefined }],
    },
    { role: 'user', content: [{ type: 'text', text: 'sum up' }] },
  ]);
  assert.deepEqual(messages, [
    { role: 'user', content: [{ type: 'text', text: 'q' }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'looking' },
        { type: 'text', text: '[Tool call: run]\n{"cmd":"ls"}' },
        { type: 'text', text: '[Tool call: see]\n{}' },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'text', text: '[Tool result: run]' },
        { type: 'text', text: 'file' },
        { type: 'text', text: '[Tool result: see]' },
        { type: 'image', url: 'data:image/png;base64,AA==', detail: undefined },
      ],
    },
    { role: 'user', content: [{ type: 'text', text: 'sum up' }] },
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainItem } from '../../src/responses/plainItem.ts';
import { itemSchema } from '../../src/responses/schema.ts';
import type { JsonObject } from '../../src/turn/turn.ts';

const plain: readonly JsonObject[] = [
  { type: 'message', role: 'user', content: 'hi' },
  { type: 'message', role: 'assistant', id: 'm', content: [{ type: 'output_text', text: 'x' }] },
  {
    type: 'function_call',
    id: 'fc',
    call_id: 'c',
    name: 'f',
    arguments: '{}',
    status: 'completed',
  },
  { type: 'function_call', call_id: 'c', name: 'f', namespace: 'mcp__x', arguments: '' },
  { type: 'function_call_output', call_id: 'c', output: 'done' },
  { type: 'custom_tool_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'x' }] },
];
for (const item of plain) {
  test(`the short way says what the schema says: ${JSON.stringify(item)}`, () => {
    assert.deepEqual(plainItem(item), itemSchema.parse(item));
  });
}

const others: readonly JsonObject[] = [
  { type: 'message', content: 'hi' },
  { type: 'message', role: 'user', content: null },
  { type: 'message', role: 'user', content: 7 },
  { type: 'function_call', call_id: 7, name: 'f', arguments: '{}' },
  { type: 'function_call', call_id: 'c', arguments: '{}' },
  { type: 'function_call', call_id: 'c', name: 'f', arguments: {} },
  { type: 'function_call', call_id: 'c', name: 'f', namespace: null, arguments: '{}' },
  { type: 'function_call_output', output: 'x' },
  { type: 'function_call_output', call_id: 'c', output: { a: 1 } },
  { type: 'reasoning', summary: [] },
  { type: 7 },
];
for (const item of others) {
  test(`everything else is the schema's to judge: ${JSON.stringify(item)}`, () => {
    assert.equal(plainItem(item), undefined);
  });
}

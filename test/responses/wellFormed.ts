import assert from 'node:assert/strict';
import type { ReplyContext } from '../../src/responses/reply.ts';
import type { Message, Turn } from '../../src/turn/turn.ts';

const validName = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** What adapters may rely on in any decoded Turn (src/turn/turn.ts). */
export function assertWellFormed(turn: Turn, reply: ReplyContext): void {
  assertTools(turn, reply);
  const ids = new Set<string>();
  let expected: { readonly callId: string; readonly name: string }[] = [];
  for (const [index, message] of turn.messages.entries()) {
    assert.ok(
      message.role !== 'assistant' || turn.messages[index - 1]?.role !== 'assistant',
      'a step in two messages',
    );
    assert.ok(message.content.length > 0, 'an empty message');
    assertNoBlankText(message);
    if (message.role === 'tool') {
      const call = expected.shift();
      assert.deepEqual(
        { callId: message.callId, name: message.name },
        call,
        'a result out of place',
      );
      continue;
    }
    assert.deepEqual(expected, [], 'a call without result');
    expected = [];
    if (message.role !== 'assistant') continue;
    assert.ok(
      message.content.some((part) => part.type !== 'reasoning'),
      'reasoning alone',
    );
    for (const part of message.content) {
      if (part.type !== 'tool_call') continue;
      assert.ok(
        !ids.has(part.callId) && part.callId !== '',
        `the call id "${part.callId}" is not unique`,
      );
      ids.add(part.callId);
      assert.match(part.name, validName);
      const args: unknown = JSON.parse(part.arguments);
      assert.ok(typeof args === 'object' && args !== null && !Array.isArray(args));
      expected.push({ callId: part.callId, name: part.name });
    }
  }
  assert.deepEqual(expected, [], 'a call without result at the end');
  const last = turn.messages.findLast((message) => message.role !== 'system');
  assert.ok(last !== undefined && last.role !== 'assistant', 'nothing to answer');
  if (turn.tools.length === 0) assert.equal(ids.size, 0, 'calls without tools');
}

function assertTools(turn: Turn, reply: ReplyContext): void {
  const names = turn.tools.map((tool) => tool.name);
  assert.equal(new Set(names).size, names.length, 'two tools of one name');
  for (const tool of turn.tools) {
    assert.match(tool.name, validName);
    assert.equal(tool.parameters['type'], 'object');
    assert.ok(Object.hasOwn(reply.tools, tool.name), `no way back for ${tool.name}`);
    assert.ok(!JSON.stringify(tool.parameters).includes('"encrypted":true'));
  }
}

function assertNoBlankText(message: Message): void {
  for (const part of message.content)
    assert.ok(
      part.type !== 'text' || part.text.trim() !== '',
      `blank text in a ${message.role} message`,
    );
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merged, type Request } from '../../src/dashboard/useRequests.ts';

function request(id: string, status: Request['status']): Request {
  const tokens = { inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
  return { id, startedAt: 0, model: 'sim/a', provider: 'sim', status, ...tokens };
}

test('new requests come first, and one that changed keeps its place', () => {
  const [a, b] = [request('a', 'completed'), request('b', 'running')];
  const done = request('b', 'completed');
  const fresh = request('c', 'running');
  assert.deepEqual(merged([b, a], [fresh, done]), [fresh, done, a]);
});

test('without a change the list is the same one', () => {
  const list = [request('a', 'completed')];
  assert.equal(merged(list, []), list);
});

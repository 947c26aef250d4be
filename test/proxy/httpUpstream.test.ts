import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpUpstream } from '../../src/proxy/httpUpstream.ts';
import type { Receiver } from '../../src/proxy/upstream.ts';
import type { TurnError } from '../../src/turn/error.ts';
import { testScope } from '../support/scope.ts';
import { startUpstream } from '../support/upstream.ts';

for (const part of ['head', 'data', 'end'] as const) {
  test(`a fault of ours while the ${part} of an answer is read is told as ours`, async (t) => {
    const scope = testScope(t);
    const { url } = await startUpstream(scope, (_request, response) => void response.end('{}'));
    const upstream = new HttpUpstream({}, {});
    scope.add(() => upstream.dispose());
    const { promise: told, resolve } = Promise.withResolvers<TurnError>();
    const receiver: Receiver = { head() {}, data() {}, end() {}, fail: resolve };
    receiver[part] = () => {
      throw new Error('the reader broke');
    };
    upstream.send({ label: 'Sim', url, headers: {}, body: Buffer.from('{}') }, receiver);
    const { kind, message } = await told;
    assert.equal(kind, 'internal');
    assert.equal(message, 'OpenCodex could not read the answer of Sim: the reader broke');
  });
}

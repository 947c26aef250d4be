import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { Redactor } from '../../src/credentials/redact.ts';
import { type Answer, ClientTurn } from '../../src/proxy/clientTurn.ts';
import { KeepAlive } from '../../src/proxy/keepAlive.ts';
import { RequestLog } from '../../src/proxy/requestLog.ts';
import { turnError } from '../../src/turn/error.ts';

test('a turn that is stopped from our side ends its upstream request', () => {
  const keepAlive = new KeepAlive(1_000);
  const turn = new ClientTurn(
    new ServerResponse(new IncomingMessage(new Socket())),
    new RequestLog().begin('sim/m', 'sim'),
    { keepAlive, redactor: new Redactor(), log: () => {} },
    () => {},
  );
  const answer: Answer = {
    head: () => {},
    data: () => {},
    end: () => {},
    fail(error) {
      turn.upstreamEnded();
      turn.reject(error);
    },
    beat: () => {},
    left: () => ({ status: 'aborted', usage: undefined, error: undefined }),
  };
  let aborted = 0;
  const exchange = {
    pause: () => {},
    resume: () => {},
    abort: () => {
      aborted += 1;
    },
  };
  const request = { label: 'Sim', url: 'http://sim', headers: {}, body: new Uint8Array() };
  turn.start({ send: () => exchange }, request, answer);
  turn.stop(turnError('internal', 'stopped'));
  keepAlive.dispose();
  assert.equal(aborted, 1);
  assert.equal(turn.over, true);
});

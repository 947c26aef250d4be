import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import {
  ChannelClient,
  ChannelServer,
  type Guard,
  type Handlers,
  type Protocol,
} from '../../src/link/channel.ts';
import { until } from '../support/until.ts';

interface Requests {
  readonly double: [request: number, reply: number];
  readonly fail: [request: string, reply: null];
}
interface Notes {
  readonly said: string;
}

const isNumber: Guard<number> = (value) => typeof value === 'number';
const isString: Guard<string> = (value) => typeof value === 'string';
const isNull: Guard<null> = (value) => value === null;

const protocol: Protocol<Requests, Notes> = {
  requests: {
    double: { request: isNumber, reply: isNumber },
    fail: { request: isString, reply: isNull },
  },
  notes: { said: isString },
};

function setUp(t: test.TestContext, handlers: Partial<Handlers<Requests>> = {}) {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  const said: string[] = [];
  const server = new ChannelServer<Requests, Notes>(port1, protocol, {
    double: (n) => n * 2,
    fail: (reason) => Promise.reject(new Error(reason)),
    ...handlers,
  });
  const client = new ChannelClient<Requests, Notes>(port2, protocol, {
    said: (text) => void said.push(text),
  });
  return { port1, port2, server, client, said };
}

test('requests are answered, each with its own reply', async (t) => {
  const { client } = setUp(t, {
    double: async (n) => {
      if (n === 1) await new Promise((resolve) => setImmediate(resolve));
      return n * 2;
    },
  });
  assert.deepEqual(await Promise.all([1, 2, 3].map((n) => client.request('double', n))), [2, 4, 6]);
});

test('a request that fails says why', async (t) => {
  const { client } = setUp(t);
  await assert.rejects(client.request('fail', 'out of luck'), /out of luck/);
});

test('notes arrive', async (t) => {
  const { server, said } = setUp(t);
  server.note('said', 'hello');
  await until('the note', () => said.length > 0);
  assert.deepEqual(said, ['hello']);
});

test('what is malformed or unknown is refused or left alone, and nothing breaks', async (t) => {
  const { client, server, port1, port2, said } = setUp(t);
  const replies: unknown[] = [];
  port2.on('message', (message) => replies.push(message));
  const junk = [null, 5, 'x', {}, { kind: 'request' }, { kind: 'note', name: 5 }];
  for (const message of junk) {
    port1.postMessage(message);
    port2.postMessage(message);
  }
  port1.postMessage({ kind: 'note', name: 'said', value: 5 });
  port1.postMessage({ kind: 'note', name: 'toString', value: 'x' });
  port1.postMessage({ kind: 'reply', id: 999, value: 1 });
  port2.postMessage({ kind: 'request', id: 501, name: 'double', value: 'no number' });
  port2.postMessage({ kind: 'request', id: 502, name: 'nothing', value: 1 });
  port2.postMessage({ kind: 'request', id: 503, name: 'constructor', value: 1 });
  await until('three refusals', () => JSON.stringify(replies).split('"refusal"').length === 4);
  assert.equal(await client.request('double', 4), 8);
  server.note('said', 'still here');
  await until('the note', () => said.length > 0);
  assert.deepEqual(said, ['still here']);
});

test('a reply that is malformed is not passed on', async (t) => {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  port1.on('message', (message) => {
    port1.postMessage({ kind: 'reply', id: message.id, value: 'no number' });
  });
  const client = new ChannelClient<Requests, Notes>(port2, protocol, {});
  await assert.rejects(client.request('double', 1), /malformed/);
});

test('whoever waits when the other side goes away is told', async (t) => {
  const { client } = setUp(t, { double: () => new Promise(() => {}) });
  const waiting = client.request('double', 1);
  client.close('The thread has ended.');
  await assert.rejects(waiting, /The thread has ended/);
  await assert.rejects(client.request('double', 1), /The thread has ended/);
});

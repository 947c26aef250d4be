import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { sealReasoning } from '../../src/responses/reasoning.ts';
import { turnError } from '../../src/turn/error.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { gate, until } from '../support/until.ts';
import {
  chatChunk,
  chatStream,
  eventStream,
  type FakeUpstream,
  type Respond,
  sayOk,
  startUpstream,
} from '../support/upstream.ts';
import {
  ask,
  chatEntry,
  eventsOf,
  openTurn,
  responsesEntry,
  sendTurn,
  textOf,
  turn,
} from './client.ts';

function refuse(status: number, message: string, headers: Record<string, string> = {}): Respond {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message } }));
  };
}

const overloaded = refuse(529, 'The engine is overloaded.');
const reset: Respond = (_request, response) => response.destroy();

/** One answer after the other; the last one for everybody who comes later. */
function inTurn(...answers: readonly Respond[]): Respond {
  let next = 0;
  return (request, response) => {
    const respond = answers[Math.min(next, answers.length - 1)];
    next += 1;
    return respond?.(request, response);
  };
}

interface Setting {
  readonly proxy: RunningProxy;
  readonly first: FakeUpstream;
  readonly second: FakeUpstream;
}

async function setUp(
  t: test.TestContext,
  first: Respond,
  second: Respond = sayOk,
  config: object = {},
  options: Partial<ProxyOptions> = {},
  entry: object = {},
): Promise<Setting> {
  const scope = testScope(t);
  const upstreams = [
    await startUpstream(scope, first),
    await startUpstream(scope, second),
  ] as const;
  const providers = {
    sim: chatEntry(upstreams[0].url, { label: 'Sim', ...entry }),
    spare: chatEntry(upstreams[1].url, { label: 'Spare' }),
  };
  const proxy = await startProxy(scope, { providers, ...config }, options);
  return { proxy, first: upstreams[0], second: upstreams[1] };
}

const withSpare = { fallbacks: { 'sim/m': ['spare/n'] } };

function failureOf(body: string): { code: string; message: string } {
  const last = eventsOf(body).at(-1);
  assert.equal(last?.type, 'response.failed', body);
  return Reflect.get(Object(last['response']), 'error');
}

for (const [what, first] of [
  ['an overload', overloaded],
  ['a failure inside', refuse(500, 'It broke.')],
  ['a connection that is reset', reset],
  ['an empty answer', (_request, response) => response.writeHead(200, eventStream).end()],
  ['a short rate limit', refuse(429, 'Slow down.', { 'retry-after': '1' })],
] satisfies readonly (readonly [string, Respond])[]) {
  test(`${what} before the first byte is not noticed by the client`, async (t) => {
    const { proxy, first: upstream } = await setUp(t, inTurn(first, sayOk));
    const answer = await turn(proxy);
    assert.equal(textOf(answer.body), 'ok');
    assert.equal(upstream.requests.length, 2);
    const [a, b] = upstream.requests;
    assert.deepEqual(a?.body, b?.body);
    assert.deepEqual(a?.headers, b?.headers);
    assert.equal(eventsOf(answer.body).filter(({ type }) => type === 'response.created').length, 1);
  });
}

test('nothing is tried again once a part of the answer is out', async (t) => {
  const { proxy, first, second } = await setUp(
    t,
    (_request, response) => {
      response.writeHead(200, eventStream);
      response.write(chatChunk('Once upon'), () => response.destroy());
    },
    sayOk,
    withSpare,
  );
  assert.equal(failureOf((await turn(proxy)).body).code, 'server_error');
  assert.match((await turn(proxy, { stream: false })).body, /broke off/);
  assert.equal(first.requests.length, 2);
  assert.equal(second.requests.length, 0);
});

test('nor once the client was kept waiting with a stream', async (t) => {
  const { proxy, first, second } = await setUp(
    t,
    async (_request, response) => {
      await waiting.opened;
      response.writeHead(529).end('{}');
    },
    sayOk,
    withSpare,
    { keepAliveMs: 30 },
  );
  const waiting = gate();
  const stream = await openTurn(proxy);
  await stream.has('response.created');
  waiting.open();
  await stream.ended;
  assert.equal(failureOf(stream.text()).code, 'slow_down');
  assert.equal(first.requests.length, 1);
  assert.equal(second.requests.length, 0);
});

test('a client that goes away while it is waited ends the turn at once', async (t) => {
  const { proxy, first } = await setUp(t, refuse(503, 'Busy.', { 'retry-after': '5' }));
  const leave = sendTurn(proxy);
  await until('the refusal', () => first.requests.length === 1);
  await until('the wait', async () => (await proxy.proxy.snapshot()).activity.active === 1);
  leave();
  const before = Date.now();
  await until(
    'its end',
    async () => (await proxy.proxy.snapshot()).requests[0]?.status === 'aborted',
  );
  assert.ok(Date.now() - before < 4_000, 'it waited for the provider');
  assert.equal((await proxy.proxy.snapshot()).activity.active, 0);
});

test('a proxy that stops while it waits tells the client', async (t) => {
  const { proxy, first } = await setUp(t, refuse(503, 'Busy.', { 'retry-after': '5' }));
  const asked = openTurn(proxy);
  await until('the refusal', () => first.requests.length === 1);
  const before = Date.now();
  await proxy.proxy.stop(0);
  const stream = await asked;
  await stream.ended;
  assert.match(failureOf(stream.text()).message, /stopped/);
  assert.ok(Date.now() - before < 4_000, 'it waited for the provider');
});

test('another model stands in, and the record says which', async (t) => {
  const { proxy, first, second } = await setUp(t, overloaded, sayOk, withSpare);
  const answer = await turn(proxy);
  assert.equal(textOf(answer.body), 'ok');
  assert.equal(first.requests.length, 2);
  assert.equal(second.requests.length, 1);
  assert.equal(JSON.parse(second.requests[0]?.body.toString() ?? '').model, 'n');
  const [record] = (await proxy.proxy.snapshot()).requests;
  assert.equal(record?.model, 'spare/n');
  assert.equal(record.provider, 'spare');
  assert.equal(record.status, 'completed');
  const detail = await ask(proxy, { path: `/api/requests/${record.id}` });
  const { attempts } = JSON.parse(detail.body);
  assert.deepEqual(
    attempts.map(({ model }: { model: string }) => model),
    ['sim/m', 'sim/m', 'spare/n'],
  );
  assert.deepEqual(
    attempts.map(({ error }: { error?: string }) => /overloaded/.test(error ?? '')),
    [true, true, false],
  );
  assert.ok(attempts[1].waitedMs > 0);
  assert.ok(proxy.log.some(({ text }) => /sim\/m: .*overloaded.*spare\/n/.test(text)));
});

test('a client that does not stream gets the answer of the model that stands in', async (t) => {
  const { proxy } = await setUp(t, refuse(402, 'Insufficient balance.'), sayOk, withSpare);
  const answer = await turn(proxy, { stream: false });
  assert.equal(answer.status, 200);
  assert.match(answer.body, /"ok"/);
});

test('where nobody can, both are named', async (t) => {
  const { proxy } = await setUp(t, refuse(402, 'Pay first.'), refuse(401, 'No key.'), withSpare);
  const answer = await turn(proxy);
  assert.equal(answer.status, 400);
  assert.match(answer.body, /Spare refused the key.*sim\/m failed before.*Pay first/);
});

test('a refusal of this very request goes to the user, not to another model', async (t) => {
  const { proxy, second } = await setUp(t, refuse(400, 'Bad schema.'), sayOk, withSpare);
  assert.match((await turn(proxy)).body, /Bad schema/);
  assert.equal(second.requests.length, 0);
});

test('a fallback that does not exist is left out, and said', async (t) => {
  const { proxy } = await setUp(t, refuse(402, 'Pay first.'), sayOk, {
    fallbacks: { 'sim/m': ['opencodex/nobody', 'spare/n'] },
  });
  assert.equal(textOf((await turn(proxy)).body), 'ok');
  assert.ok(proxy.log.some(({ text }) => /opencodex\/nobody.*cannot be used/.test(text)));
});

for (const [from, to] of [
  ['sim/m', 'spare/a-longer-name'],
  ['spare/a-longer-name', 'sim/m'],
] as const) {
  test(`between pass-through and translation the body stays whole: ${from} to ${to}`, async (t) => {
    const scope = testScope(t);
    const passed = await startUpstream(scope, refuse(402, 'Pay first.'));
    const translated = await startUpstream(scope, refuse(402, 'Pay first.'));
    const proxy = await startProxy(scope, {
      providers: { sim: responsesEntry(passed.url), spare: chatEntry(translated.url) },
      fallbacks: { [from]: [to] },
    });
    const input = 'Grüße '.repeat(20_000);
    await turn(proxy, { model: from, input });
    const body = (upstream: FakeUpstream) => JSON.parse(String(upstream.requests[0]?.body));
    assert.deepEqual(body(passed), { model: 'm', input, stream: true });
    assert.equal(body(translated).model, 'a-longer-name');
    assert.equal(body(translated).messages[0].content, input);
  });
}

test('a provider that refuses its own reasoning is asked once more without it', async (t) => {
  const refusal = refuse(400, 'Corrupted thought signature.');
  const { proxy, first } = await setUp(t, inTurn(refusal, sayOk));
  const thought = sealReasoning('sim', 'm', { wire: 'openai-chat', text: 'hm' });
  // So large that its memory is given back by hand, which must not be too early.
  const long = 'one '.repeat(30_000);
  const input = [
    { type: 'message', role: 'user', content: long },
    { type: 'reasoning', summary: [], encrypted_content: thought },
    { type: 'message', role: 'assistant', content: 'two' },
    { type: 'message', role: 'user', content: 'three' },
  ];
  assert.equal(textOf((await turn(proxy, { input })).body), 'ok');
  assert.equal(first.requests.length, 2);
  assert.equal(JSON.parse(String(first.requests[1]?.body)).messages[0].content, long);
  first.respond = refusal;
  assert.match((await turn(proxy, { input })).body, /Corrupted thought signature/);
  assert.equal(first.requests.length, 4, 'once, not for ever');
});

const login = turnError('auth', 'Sim: log in again.');

function renewing(renewed: 'fresh' | 'gone' | 'refused') {
  const seen: string[] = [];
  const fetchCredentials: NonNullable<ProxyOptions['fetchCredentials']> = (provider) => {
    if (provider.id !== 'sim') return undefined;
    const headers = (token: string) => ({ authorization: `Bearer ${token}` });
    return Promise.resolve({
      ok: true,
      headers: headers('stale-token-123'),
      secrets: ['stale-token-123'],
      authenticated: true,
      renew: async () => {
        seen.push('renewed');
        if (renewed === 'gone') return undefined;
        if (renewed === 'refused') return { ok: false, error: login };
        return {
          ok: true,
          headers: headers('fresh-token-123'),
          secrets: ['fresh-token-123'],
          authenticated: true,
        };
      },
    });
  };
  return { seen, fetchCredentials };
}

const wantsFresh: Respond = (request, response) =>
  request.headers.authorization === 'Bearer fresh-token-123'
    ? sayOk(request, response)
    : refuse(401, 'The token stale-token-123 has expired.')(request, response);

test('a login that was refused is renewed once, and the client does not notice', async (t) => {
  const { seen, fetchCredentials } = renewing('fresh');
  const { proxy, first } = await setUp(t, wantsFresh, sayOk, {}, { fetchCredentials });
  assert.equal(textOf((await turn(proxy)).body), 'ok');
  assert.equal(first.requests.length, 2);
  assert.deepEqual(seen, ['renewed']);
});

test('a renewed login that is refused, too, is the user’s to know', async (t) => {
  const { seen, fetchCredentials } = renewing('fresh');
  const always = refuse(401, 'The token fresh-token-123 has expired.');
  const { proxy, first } = await setUp(t, always, sayOk, {}, { fetchCredentials });
  const answer = await turn(proxy);
  assert.equal(answer.status, 400);
  assert.match(answer.body, /Sim/);
  assert.doesNotMatch(answer.body, /fresh-token-123/);
  assert.equal(first.requests.length, 2);
  assert.deepEqual(seen, ['renewed']);
});

test('a login that is refused in its provider’s own way is renewed as well', async (t) => {
  const { seen, fetchCredentials } = renewing('fresh');
  const own: typeof fetchCredentials = async (provider, inbound) => {
    const credentials = await fetchCredentials(provider, inbound);
    if (credentials?.ok !== true) return { ok: false, error: login };
    return {
      ...credentials,
      explain: (error, status, body) =>
        status === 403 && body.includes('bad-credentials') ? { ...error, kind: 'auth' } : error,
    };
  };
  const refusals = [refuse(403, 'bad-credentials'), wantsFresh, refuse(403, 'no plan')] as const;
  const { proxy, first } = await setUp(
    t,
    inTurn(...refusals),
    sayOk,
    {},
    { fetchCredentials: own },
  );
  assert.equal(textOf((await turn(proxy)).body), 'ok');
  assert.equal(first.requests.length, 2);
  assert.equal((await turn(proxy)).status, 400);
  assert.equal(first.requests.length, 3);
  assert.deepEqual(seen, ['renewed']);
});

const unreachable = turnError('network', 'Sim: its login service cannot be reached.');

/** For a provider, one answer after the other; then a good one. */
function credentialsThatFail(id: string, ...failures: readonly (typeof unreachable)[]) {
  const left = [...failures];
  const fetchCredentials: NonNullable<ProxyOptions['fetchCredentials']> = async (provider) => {
    const error = provider.id === id ? left.shift() : undefined;
    if (error !== undefined) return { ok: false, error };
    const authorization = `Bearer of-${provider.id}-123`;
    return { ok: true, headers: { authorization }, secrets: [], authenticated: true };
  };
  return { fetchCredentials };
}

test('a credential that cannot be had for a moment is fetched again', async (t) => {
  const { proxy, first } = await setUp(
    t,
    sayOk,
    sayOk,
    {},
    credentialsThatFail('sim', unreachable),
  );
  assert.equal(textOf((await turn(proxy)).body), 'ok');
  assert.equal(first.requests.length, 1);
});

test('one that stays away is an error, not a wait without end', async (t) => {
  const failures = [unreachable, unreachable, unreachable, unreachable];
  const { proxy, first } = await setUp(
    t,
    sayOk,
    sayOk,
    {},
    credentialsThatFail('sim', ...failures),
  );
  assert.match((await turn(proxy)).body, /its login service cannot be reached/);
  assert.equal(first.requests.length, 0);
});

test('what was made for one model is not sent again in the name of the next', async (t) => {
  const options = credentialsThatFail('spare', unreachable);
  const { proxy, first, second } = await setUp(
    t,
    refuse(402, 'Pay first.'),
    sayOk,
    withSpare,
    options,
  );
  assert.equal(textOf((await turn(proxy)).body), 'ok');
  assert.equal(first.requests.length, 1);
  assert.deepEqual(
    second.requests.map(({ headers }) => headers['authorization']),
    ['Bearer of-spare-123'],
  );
});

test('a login that cannot be renewed says what to do', async (t) => {
  const gone = await setUp(t, wantsFresh, sayOk, {}, renewing('gone'));
  assert.match((await turn(gone.proxy)).body, /refused the key/);
  const refused = await setUp(t, wantsFresh, sayOk, {}, renewing('refused'));
  assert.equal((await turn(refused.proxy)).body, 'Sim: log in again.');
  assert.equal(refused.first.requests.length, 1);
});

test('a provider that is down is left alone, shown, and asked again when it is back', async (t) => {
  const { proxy, first } = await setUp(t, reset, sayOk, {}, {});
  for (let i = 0; i < 2; i += 1) failureOf((await turn(proxy)).body);
  const outage = async () =>
    (await proxy.proxy.snapshot()).providers.find(({ id }) => id === 'sim')?.outage;
  assert.ok(((await outage())?.failures ?? 0) >= 5);
  assert.match((await outage())?.error ?? '', /Sim .*cannot be reached/);
  first.respond = sayOk;
  assert.equal(textOf((await turn(proxy)).body), 'ok', 'a short outage is waited out');
  assert.equal(await outage(), undefined);
});

test('while a provider is left alone its fallback answers at once', async (t) => {
  const { proxy, first, second } = await setUp(t, reset, sayOk, withSpare);
  for (let i = 0; i < 3; i += 1) assert.equal(textOf((await turn(proxy)).body), 'ok');
  const before = first.requests.length;
  assert.equal(textOf((await turn(proxy)).body), 'ok');
  assert.equal(first.requests.length, before);
  assert.equal(second.requests.length, 4);
});

async function timelineOf(proxy: RunningProxy): Promise<readonly string[]> {
  const [newest] = JSON.parse((await ask(proxy, { path: '/api/requests' })).body).requests;
  const { body } = await ask(proxy, { path: `/api/requests/${newest.id}` });
  const { timeline } = JSON.parse(body);
  const times = timeline.map(({ at }: { at: number }) => at);
  assert.deepEqual(
    times,
    times.toSorted((a: number, b: number) => a - b),
  );
  return timeline.map(({ what }: { what: string }) => what);
}

test('what a turn went through can be read step by step, and its length does not depend on the answer', async (t) => {
  const words: Respond = (_request, response) => {
    response.writeHead(200, eventStream);
    for (let i = 0; i < 50; i++) response.write(chatChunk(`word ${i} `));
    response.end(chatStream({ content: 'end' }));
  };
  const { proxy } = await setUp(t, inTurn(overloaded, words));
  await turn(proxy);
  const steps = await timelineOf(proxy);
  assert.match(steps[2] ?? '', /^No answer: .*overloaded/);
  assert.deepEqual(steps.toSpliced(2, 1), [
    'Sent to sim/m.',
    'The provider answers 529.',
    'Sent to sim/m.',
    'The provider answers 200.',
    'The first words came.',
    'Finished.',
  ]);
});

test('a renewed credential, a stand-in and a turn that nobody answers are steps too', async (t) => {
  const { fetchCredentials } = renewing('fresh');
  const renewed = await setUp(
    t,
    inTurn(refuse(401, 'Expired.'), sayOk),
    sayOk,
    {},
    { fetchCredentials },
  );
  await turn(renewed.proxy);
  const steps = await timelineOf(renewed.proxy);
  assert.deepEqual(
    steps.filter((step) => !step.startsWith('No answer')),
    [
      'Sent to sim/m.',
      'The provider answers 401.',
      'The credential was renewed.',
      'Sent to sim/m.',
      'The provider answers 200.',
      'The first words came.',
      'Finished.',
    ],
  );
  const refused = refuse(403, 'Not for you.');
  const spared = await setUp(t, refuse(429, 'No.', { 'retry-after': '900' }), refused, withSpare);
  await turn(spared.proxy);
  const sentTo = (await timelineOf(spared.proxy)).filter((step) => step.startsWith('Sent'));
  assert.deepEqual(sentTo, ['Sent to sim/m.', 'Sent to spare/n.']);
  assert.equal((await timelineOf(spared.proxy)).at(-1), 'Failed.');
});

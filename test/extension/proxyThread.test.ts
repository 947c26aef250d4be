import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LogLine, ProxyState } from '../../src/link/state.ts';
import '../support/vscode.ts';
import { until } from '../support/until.ts';

const { ProxyThread, restartDelay } = await import('../../src/vscode/proxyThread.ts');

const script = fileURLToPath(new URL('fakeProxy.ts', import.meta.url));

interface Host {
  readonly thread: InstanceType<typeof ProxyThread>;
  readonly states: readonly ProxyState[];
  readonly log: readonly LogLine[];
}

/** What a host does that hears nothing. */
const quietHost = {
  script,
  keys: async () => ({}),
  keepKey: async () => false,
  onState: () => {},
  onActivity: () => {},
  onLog: () => {},
  onChange: () => {},
};

/** A host whose thread plays the part of the proxy as `home` says. */
function startHost(
  t: TestContext,
  part: string,
  keys = async (): Promise<Record<string, string>> => ({}),
): Host {
  const states: ProxyState[] = [];
  const log: LogLine[] = [];
  const thread = new ProxyThread({
    ...quietHost,
    data: () => ({ role: 'proxy', home: part, version: '0.0.0', network: {} }),
    keys,
    onState: (state) => void states.push(state),
    onLog: (line) => void log.push(line),
  });
  t.after(() => thread.stop());
  return { thread, states, log };
}

const listening = (states: readonly ProxyState[]): number =>
  states.filter(({ status }) => status === 'listening').length;

test('the thread is started, answers and is stopped', async (t) => {
  const { thread, states, log } = startHost(t, 'works');
  assert.equal(await thread.snapshot(), undefined);
  await thread.start();
  await until('the proxy', () => listening(states) === 1);
  assert.equal((await thread.snapshot())?.defaultProvider, 'fake');
  await thread.stop();
  assert.equal(await thread.snapshot(), undefined);
  assert.equal(states.at(-1)?.status, 'stopped');
  assert.equal(thread.isStarted, false);
  assert.ok(log.some(({ text }) => text === 'The proxy listens on http://127.0.0.1:4711/v1.'));
});

test('a log that is closed before the end of the editor does not stop the end', async (t) => {
  const { thread, states, log } = startHost(t, 'works');
  await thread.start();
  await until('the proxy', () => listening(states) === 1);
  // The editor closes it when it asks the extension to end, and a line to it is an error from then on.
  Object.freeze(log);
  await thread.stop();
  assert.equal(states.at(-1)?.status, 'stopped');
});

test('a proxy that cannot even be begun is a failure with its reason', async (t) => {
  const states: ProxyState[] = [];
  const thread = new ProxyThread({
    ...quietHost,
    data: () => {
      throw new Error('no settings');
    },
    onState: (state) => void states.push(state),
  });
  t.after(() => thread.stop());
  await thread.start();
  const last = states.at(-1);
  assert.ok(last?.status === 'failed');
  assert.match(last.failure.message, /^The proxy cannot be started: no settings\./);
  assert.equal(thread.isStarted, false);
});

test('who asks while it starts again is told so, and not to start it', async (t) => {
  const { thread, states } = startHost(t, 'dies once it is asked');
  const message = async (): Promise<string> =>
    JSON.stringify((await thread.api({ method: 'GET', path: '/api/state' })).body);
  assert.match(await message(), /is not running\. Start it first\./);
  await thread.start();
  await until('the proxy', () => listening(states) === 1);
  assert.match(await message(), /is starting again\. Try again in a moment\./);
});

test('stored keys are handed over at every start, and changes as they happen', async (t) => {
  const { thread } = startHost(t, 'works', async () => ({ one: 'first key' }));
  const known = async (): Promise<string | undefined> =>
    (await thread.snapshot())?.providers.map(({ id, label }) => `${id}=${label}`).join(' ');
  await thread.start();
  assert.equal(await known(), 'one=first key');
  await thread.setKeys({ two: 'second key', one: null });
  assert.equal(await known(), 'two=second key');
  await thread.start();
  assert.equal(await known(), 'one=first key');
});

test('keys that cannot be read are said, and the proxy runs', async (t) => {
  const { thread, states, log } = startHost(t, 'works', () =>
    Promise.reject(new Error('no keyring')),
  );
  await thread.start();
  await until('the proxy', () => listening(states) === 1);
  assert.ok(log.some(({ level, text }) => level === 'warn' && text.includes('no keyring')));
});

test('a thread that dies is replaced at once', async (t) => {
  const { thread, states, log } = startHost(t, 'dies once it is asked');
  await thread.start();
  await until('the proxy', () => listening(states) === 1);
  assert.equal(await thread.snapshot(), undefined);
  await until('its successor', () => listening(states) === 2);
  assert.ok(!states.some(({ status }) => status === 'failed'));
  assert.ok(log.some(({ text }) => text.includes('starts again at once')));
});

test('a thread that dies again and again is a failure with its reason, and the pauses grow', async (t) => {
  const { thread, states } = startHost(t, 'cannot start');
  await thread.start();
  const failed = await until('the failure', () => states.find(({ status }) => status === 'failed'));
  assert.ok(failed.status === 'failed');
  assert.match(failed.failure.message, /stopped unexpectedly: nothing works today\./);
  assert.equal(thread.isStarted, true);
  await thread.stop();
  assert.equal(thread.isStarted, false);
  assert.equal(states.at(-1)?.status, 'stopped');
  assert.deepEqual([1, 2, 3, 4, 5, 50].map(restartDelay), [0, 500, 2000, 8000, 30_000, 30_000]);
});

test('starts and stops that overlap end as the last one says', async (t) => {
  const { thread, states } = startHost(t, 'works');
  await Promise.all([thread.start(), thread.start(), thread.stop(), thread.start()]);
  await until('the proxy', () => states.at(-1)?.status === 'listening');
  await Promise.all([thread.start(), thread.stop()]);
  assert.equal(states.at(-1)?.status, 'stopped');
});

test('a proxy that does not stop is ended', { timeout: 30_000 }, async (t) => {
  const { thread, states } = startHost(t, 'does not stop');
  await thread.start();
  await until('the proxy', () => listening(states) === 1);
  await thread.stop();
  assert.equal(states.at(-1)?.status, 'stopped');
});

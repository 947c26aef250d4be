import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Target } from '../../src/adapters/target.ts';
import { translate } from '../../src/adapters/translate.ts';
import { Codec } from '../../src/proxy/codec.ts';
import { sealReasoning, sealSummary } from '../../src/responses/reasoning.ts';
import { translateBeside } from '../../src/sidecars/translateBeside.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { sayOk, startUpstream } from '../support/upstream.ts';
import { chatEntry, eventsOf, openTurn, sendTurn, textOf, turn } from './client.ts';

const workerFile = new URL('../../src/codecThread.ts', import.meta.url);

const target: Target = {
  provider: 'sim',
  label: 'Sim',
  wire: 'openai-chat',
  baseUrl: 'https://sim.test/v1',
  model: 'm',
  traits: {
    contextWindow: undefined,
    maxOutputTokens: undefined,
    reasoning: undefined,
    efforts: undefined,
    vision: undefined,
  },
  quirks: {},
};

const asked = { model: 'sim/m', texts: undefined };

function bodyOf(input: unknown): Buffer {
  return Buffer.from(JSON.stringify({ model: 'sim/m', stream: true, input }));
}

test('the thread gives what the spot gives', async (t) => {
  const codec = new Codec({ workerFile, besideFromBytes: 0 });
  t.after(() => codec.dispose());
  for (const input of ['hi', 'ü€😀'.repeat(50_000), 7]) {
    const { translation: there } = await codec.translate(bodyOf(input), asked, target);
    const here = translate(bodyOf(input), 'sim/m', target);
    assert.deepEqual(there, here);
  }
});

test('what the sidecars need is found in the thread as on the spot', async (t) => {
  const codec = new Codec({ workerFile, besideFromBytes: 0 });
  t.after(() => codec.dispose());
  const image_url = 'data:image/png;base64,AAAA';
  const body = () =>
    Buffer.from(
      JSON.stringify({
        model: 'sim/m',
        tools: [{ type: 'web_search', search_context_size: 'high' }],
        input: [{ role: 'user', content: [{ type: 'input_image', image_url }] }],
      }),
    );
  const job = (descriptions: ReadonlyMap<string, string>) => ({
    descriptions,
    search: { indexed: false, live: true, steps: [], spent: false },
  });
  const first = await codec.translate(body(), asked, target, true, job(new Map()));
  assert.ok(first.translation.ok);
  assert.equal(first.translation.search?.contextSize, 'high');
  const [image, ...others] = first.translation.images ?? [];
  assert.ok(image !== undefined && others.length === 0);
  assert.equal(image.url, image_url);
  assert.ok(first.body?.equals(body()));

  const known = job(new Map([[image.key, 'A grey square.']]));
  const { translation: there } = await codec.translate(body(), asked, target, true, known);
  assert.deepEqual(there, translateBeside(body(), 'sim/m', target, known));
  assert.ok(there.ok && there.images === undefined);
  const sent = Buffer.from(there.request.body).toString();
  assert.match(sent, /A grey square\./);
  assert.match(sent, /"web_search"/);
});

test('a body that is to be kept comes back from the thread as it was', async (t) => {
  const codec = new Codec({ workerFile, besideFromBytes: 0 });
  t.after(() => codec.dispose());
  const body = bodyOf('ü'.repeat(100_000));
  const copy = Buffer.from(body);
  const kept = await codec.translate(body, asked, target, true);
  assert.equal(kept.translation.ok, true);
  assert.ok(kept.body?.equals(copy));
  assert.equal((await codec.translate(copy, asked, target)).body, undefined);
});

test('our reasoning is taken out beside, too', async (t) => {
  const codec = new Codec({ workerFile, besideFromBytes: 0 });
  t.after(() => codec.dispose());
  const sealed = sealReasoning('x', 'y', { private: true });
  const input = [
    { type: 'message', role: 'user', content: 'hi' },
    { type: 'reasoning', id: 'rs', summary: [], encrypted_content: sealed },
  ];
  const clean = Buffer.from((await codec.withoutSealed(bodyOf(input)))?.body ?? '').toString();
  assert.ok(!clean.includes('private'));
  assert.ok(clean.includes('hi'));
  const plain = bodyOf('hi');
  assert.equal((await codec.withoutSealed(plain))?.body, plain, 'nothing to do: the same bytes');
});

test('the head of a summary that OpenAI gets to read is told, with and without the thread', async (t) => {
  const input = [{ type: 'compaction', encrypted_content: sealSummary('We built a boat.') }];
  for (const file of [workerFile, undefined]) {
    const codec = new Codec({ workerFile: file, besideFromBytes: 0 });
    t.after(() => codec.dispose());
    const clean = await codec.withoutSealed(bodyOf(input));
    assert.ok(clean !== undefined);
    assert.deepEqual(clean.additions, [
      { kind: 'summary', text: 'Summary of the conversation so far:', times: 1 },
    ]);
    assert.match(Buffer.from(clean.body).toString(), /Summary of the conversation so far:.*a boat/);
  }
});

test('without a thread everything is done on the spot', async (t) => {
  const codec = new Codec({ workerFile: undefined, besideFromBytes: 0 });
  t.after(() => codec.dispose());
  const { translation } = await codec.translate(bodyOf('hi'), asked, target);
  assert.equal(translation.ok, true);
});

test('a body that is not very large does not wait until the thread is up', async (t) => {
  const neverUp = new URL('./silentWorker.ts', import.meta.url);
  const codec = new Codec({ workerFile: neverUp, besideFromBytes: 1_000 });
  t.after(() => codec.dispose());
  const { translation } = await codec.translate(bodyOf('x'.repeat(1_500)), asked, target);
  assert.equal(translation.ok, true);
});

test('a thread that dies fails its jobs clearly, and the next job gets another', async (t) => {
  const scope = testScope(t);
  const folder = scope.directory('codec');
  mkdirSync(join(folder, 'once'));
  const file = join(folder, 'dies.mjs');
  const real = JSON.stringify(workerFile.href);
  writeFileSync(
    file,
    `import { existsSync, rmdirSync } from 'node:fs';
     import { parentPort } from 'node:worker_threads';
     if (existsSync(${JSON.stringify(join(folder, 'once'))})) {
       rmdirSync(${JSON.stringify(join(folder, 'once'))});
       parentPort.on('message', () => { throw new Error('out of luck'); });
     } else await import(${real});`,
  );
  const codec = new Codec({ workerFile: pathToFileURL(file), besideFromBytes: 0 });
  scope.add(() => codec.dispose());
  const lost = await Promise.all([
    codec.translate(bodyOf('a'), asked, target),
    codec.translate(bodyOf('b'), asked, target),
  ]);
  for (const { translation } of lost) {
    assert.ok(!translation.ok);
    assert.equal(translation.error.kind, 'internal');
    assert.match(translation.error.message, /starts again/);
  }
  const { translation } = await codec.translate(bodyOf('c'), asked, target);
  assert.equal(translation.ok, true);
});

test('a large request goes through the proxy as a small one does', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const proxy = await startProxy(
    scope,
    { providers: { sim: chatEntry(upstream.url) } },
    { workerFile },
  );
  const input = 'x€'.repeat(1_000_000);
  assert.equal(textOf((await turn(proxy, { input })).body), 'ok');
  assert.equal(JSON.parse(upstream.requests[0]?.body.toString() ?? '').messages[0].content, input);
});

test('a large request whose client has gone is not sent', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const proxy = await startProxy(
    scope,
    { providers: { sim: chatEntry(upstream.url) } },
    { workerFile: new URL('./silentWorker.ts', import.meta.url), besideFromBytes: 0 },
  );
  const leave = sendTurn(proxy);
  await until('the turn', () => proxy.proxy.snapshot().activity.active === 1);
  leave();
  await until('its end', () => proxy.proxy.snapshot().requests[0]?.status === 'aborted');
  assert.equal(upstream.requests.length, 0);
});

test('a proxy that stops while the thread works tells the client', async (t) => {
  const scope = testScope(t);
  const proxy = await startProxy(
    scope,
    { providers: { sim: chatEntry('http://127.0.0.1:1') } },
    { workerFile: new URL('./silentWorker.ts', import.meta.url), besideFromBytes: 0 },
  );
  const stream = openTurn(proxy);
  await until('the turn', () => proxy.proxy.snapshot().activity.active === 1);
  await proxy.proxy.stop(10);
  const answer = await stream;
  await answer.ended;
  assert.equal(eventsOf(answer.text()).at(-1)?.type, 'response.failed');
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { requestBody } from './client.ts';
import { PeerField } from './peerField.ts';
import type { Peer } from './peers.ts';
import { startServer } from './processes.ts';

const imports = `import { createServer, request } from 'node:http';
const [port, upstream] = process.argv.slice(1);`;
const toUpstream = (answered: string) =>
  `request(upstream + '/responses', { method: 'POST' }, ${answered})`;
const server = (received: string) => `${imports} createServer((incoming, outgoing) => {
  ${received}
}).listen(port, '127.0.0.1');`;

const relaying = server(`incoming.pipe(${toUpstream('(answer) => answer.pipe(outgoing)')});`);
const holding = server(
  `incoming.pipe(${toUpstream(`async (answer) => {
  outgoing.end(Buffer.concat(await answer.toArray()));
}`)});`,
);
const forgetting = server(`incoming.toArray().then((chunks) => {
  ${toUpstream('(answer) => answer.pipe(outgoing)')}.end(Buffer.concat(chunks).subarray(0, 1000));
});`);
const refusing = server('outgoing.writeHead(404).end();');
const ending = `console.error('no such file'); process.exit(3);`;

function peerOf(name: string, source: string): Peer {
  return {
    package: name,
    version: '1.0.0',
    prefix: '',
    command: ({ port, upstream }) => ({
      program: process.execPath,
      args: ['--input-type=module', '-e', source, String(port), upstream],
      env: {},
    }),
  };
}

async function start(t: TestContext, peers: readonly Peer[]) {
  const left: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'opencodex-field-'));
  const upstream = await startServer(['test/bench/upstream.ts']);
  const install = (peer: Peer): string => {
    if (peer.package === 'missing') throw new Error('npm could not install it');
    return folder;
  };
  const field = new PeerField({ peers, install, left: (name) => left.push(name) });
  t.after(async () => {
    await Promise.all([field.stop(), upstream.stop()]);
    rmSync(folder, { recursive: true });
  });
  await field.start(folder, upstream.port);
  return { field, left };
}

test('a peer that cannot do what is measured is left out with its reason', async (t) => {
  const { field, left } = await start(t, [
    peerOf('missing', relaying),
    peerOf('ending', ending),
    peerOf('refusing', refusing),
    peerOf('forgetting', forgetting),
    peerOf('holding', holding),
    peerOf('relaying', relaying),
  ]);
  const whole = requestBody('size', 40e3).length;
  const measured: string[] = [];
  await field.each(async ({ name }) => measured.push(name));
  assert.deepEqual(measured, ['relaying 1.0.0']);
  assert.deepEqual(
    field.results.map((peer) => ('leftOut' in peer ? `${peer.name}: ${peer.leftOut}` : peer.name)),
    [
      'missing 1.0.0: npm could not install it',
      'ending 1.0.0: it ended at its start',
      'refusing 1.0.0: it answers with status 404',
      `forgetting 1.0.0: it hands on 1000 bytes of a conversation of ${whole}`,
      'holding 1.0.0: it holds chunks back',
    ],
  );
  assert.deepEqual(
    left,
    field.results.map(({ name }) => name),
  );
});

test('a peer that fails while it is measured is ended, and the others go on', async (t) => {
  const { field, left } = await start(t, [peerOf('one', relaying), peerOf('two', relaying)]);
  const pids = new Map<string, number>();
  await field.each(async ({ name, pid }) => {
    pids.set(name, pid);
    if (name === 'one 1.0.0') throw new Error('Status 500 without chunks');
  });
  assert.deepEqual(left, ['one 1.0.0']);
  assert.equal(isAlive(pids.get('one 1.0.0')), false);
  assert.equal(isAlive(pids.get('two 1.0.0')), true);
  await field.end(1);
  const [one, two] = field.results;
  assert.deepEqual(one, { name: 'one 1.0.0', leftOut: 'Status 500 without chunks' });
  assert.ok(two !== undefined && 'answerMs' in two && two.answerMs > 0);
  assert.equal(isAlive(pids.get('two 1.0.0')), false);
});

function isAlive(pid = 0): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { refreshLockPath } from '../../../src/credentials/accounts/authLock.ts';
import { slotOf } from '../../../src/credentials/accounts/credential.ts';
import { at } from '../../support/json.ts';
import { testScope } from '../../support/scope.ts';
import { everyLogin, type Login, TokenEndpoint } from '../../support/tokenEndpoint.ts';
import { until } from '../../support/until.ts';

const refreshWorker = join(import.meta.dirname, 'refreshWorker.ts');
const saveWorker = join(import.meta.dirname, 'saveWorker.ts');
const peerWorker = join(import.meta.dirname, 'peerWorker.ts');

/** An unpacked and installed package of `ocx` 2.63, for the test with both programs. */
const peer = process.env['OPENCODEX_PEER'];

type Mode = 'plain' | 'hold' | 'freeze';

class Stage {
  readonly endpoint = new TokenEndpoint();
  readonly home: string;
  readonly #provider: string;
  readonly #scope;
  #url = '';

  constructor(t: TestContext, provider: string) {
    this.#scope = testScope(t);
    this.home = this.#scope.directory('processes');
    this.#provider = provider;
  }

  get path(): string {
    return join(this.home, 'auth.json');
  }

  async open(file: object): Promise<void> {
    writeFileSync(this.path, JSON.stringify(file, null, 2), { mode: 0o600 });
    this.#url = await this.endpoint.listen(this.#scope, 200);
  }

  /** Processes that are ready to ask. */
  workers(count: number, mode: Mode = 'plain'): Promise<ChildProcess[]> {
    return this.#ready(count, () =>
      fork(refreshWorker, [this.home, this.#url, this.#provider, mode], { stdio: 'inherit' }),
    );
  }

  /** The same with `ocx` itself. */
  peers(count: number, folder: string): Promise<ChildProcess[]> {
    const bun = join(folder, '..', '..', '.bin', 'bun');
    return this.#ready(count, () =>
      spawn(bun, [peerWorker, folder, this.#provider], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        // Where `ocx` takes the address of this login service from.
        env: { ...process.env, OPENCODEX_HOME: this.home, KIMI_CODE_OAUTH_HOST: this.#url },
      }),
    );
  }

  async #ready(count: number, start: () => ChildProcess): Promise<ChildProcess[]> {
    const children = Array.from({ length: count }, start);
    this.#scope.add(() => children.map((child) => child.kill('SIGKILL')));
    await Promise.all(children.map((child) => once(child, 'message')));
    return children;
  }
}

async function answers(children: readonly ChildProcess[]): Promise<unknown[]> {
  const answered = children.map(async (child) => (await once(child, 'message'))[0]);
  for (const child of children) child.send('go');
  return Promise.all(answered);
}

/** All got the token that is now stored, for one request; the login lives and nobody else lost theirs. */
function assertOneRefresh(stage: Stage, provider: string, login: Login, given: unknown[]): void {
  const stored = JSON.parse(readFileSync(stage.path, 'utf8'));
  const credential = at(stored, provider, 'accounts', 0, 'credential') ?? at(stored, provider);
  const token = at(credential, 'access');
  assert.deepEqual(given, Array(given.length).fill({ token }));
  assert.deepEqual(stage.endpoint.hits, [login.refresh]);
  assert.equal(stage.endpoint.ledger.isRevoked(login.refresh), false);
  const left = readdirSync(stage.home).filter((name) => /lock|tmp/.test(name));
  assert.deepEqual(left, []);
}

function setOf(credential: Login): object {
  return { activeAccountId: 'one', accounts: [{ id: 'one', credential, addedAt: 1 }] };
}

function slot({ access, refresh, expires, accountId }: Login): string {
  return slotOf({ access, refresh, expires, accountId });
}

test('T11: twelve processes that need a new token at once make one request', async (t) => {
  const stage = new Stage(t, 'xai');
  const file = everyLogin(stage.endpoint);
  await stage.open(file);
  const given = await answers(await stage.workers(12));
  const { xai, ...others } = file;
  assert.ok(xai !== undefined);
  assertOneRefresh(stage, 'xai', xai, given);
  const { xai: _, ...kept } = JSON.parse(readFileSync(stage.path, 'utf8'));
  assert.deepEqual(kept, others);
});

for (const form of ['set', 'single'] as const) {
  for (const start of ['all at once', 'ours first'] as const) {
    test(`T11: six processes and six of ocx, ${start}, make one request on a ${form} file`, {
      skip: peer === undefined && 'OPENCODEX_PEER names no package of ocx 2.63',
    }, async (t) => {
      const stage = new Stage(t, 'kimi');
      const login = stage.endpoint.login();
      const other = { access: 'a', refresh: 'r', expires: 1, accountId: 'o' };
      const sets = { kimi: setOf(login), xai: setOf(other) };
      await stage.open(form === 'set' ? sets : { kimi: login });
      const [ours, theirs] = await Promise.all([stage.workers(6), stage.peers(6, peer ?? '')]);
      const first = answers(ours);
      if (start === 'ours first') {
        await until('one of ours to have sent', () => stage.endpoint.hits.length === 1);
      }
      const given = await Promise.all([first, answers(theirs)]);
      assertOneRefresh(stage, 'kimi', login, given.flat());
    });
  }
}

test('T12: a holder that is killed before it sends holds nobody up', async (t) => {
  const stage = new Stage(t, 'xai');
  const login = stage.endpoint.login();
  await stage.open({ xai: login });
  const [[holder], others] = await Promise.all([stage.workers(1, 'hold'), stage.workers(3)]);
  assert.ok(holder !== undefined);
  const sending = once(holder, 'message');
  holder.send('go');
  assert.deepEqual((await sending)[0], 'sending');
  const given = answers(others);
  holder.kill('SIGKILL');
  assertOneRefresh(stage, 'xai', login, await given);
});

test('T12: a holder that was frozen past its time sends nothing when it goes on', {
  skip: process.platform === 'win32' && 'Windows freezes no process',
}, async (t) => {
  const stage = new Stage(t, 'xai');
  const login = stage.endpoint.login();
  await stage.open({ xai: login });
  const [[frozen], others] = await Promise.all([stage.workers(1, 'freeze'), stage.workers(3)]);
  assert.ok(frozen !== undefined);
  const freezing = once(frozen, 'message');
  frozen.send('go');
  assert.deepEqual((await freezing)[0], 'freezing');
  // It has not beaten for longer than others wait for a sign of life.
  const lock = refreshLockPath(stage.home, { provider: 'xai', slot: slot(login) });
  const owner = JSON.parse(readFileSync(lock, 'utf8'));
  writeFileSync(lock, JSON.stringify({ ...owner, createdAt: Date.now() - 180_000 }));
  utimesSync(lock, 0, 0);
  const given = await answers(others);
  const late = once(frozen, 'message');
  frozen.kill('SIGCONT');
  assertOneRefresh(stage, 'xai', login, [...given, (await late)[0]]);
});

test('T10: killed at any moment of hundreds of saves, the file is always whole', async (t) => {
  const scope = testScope(t);
  const home = scope.directory('saves');
  const path = join(home, 'auth.json');
  // Large enough that half of it would be seen.
  const kept = Array.from({ length: 1_000 }, (_, n) => ({ id: n, credential: 'x'.repeat(40) }));
  writeFileSync(path, JSON.stringify({ kept }), { mode: 0o600 });
  let saves = 0;
  const faults: string[] = [];
  const victims = new Set<ChildProcess>();
  let reads = 0;
  let kills = 0;

  const enlist = (name: string) => {
    const child = spawn(process.execPath, [saveWorker, home, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let own = 0;
    const due = 8 + Math.floor(Math.random() * 8);
    child.stdout.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      if (/[^.]/.test(text)) faults.push(text);
      own += text.length;
      saves += text.length;
      // Somewhere within the next one.
      if (own >= due) setTimeout(() => child.kill('SIGKILL'), Math.random() * 8);
    });
    child.on('exit', () => {
      kills += 1;
      victims.delete(child);
      if (kills + victims.size < 26) enlist(name);
    });
    victims.add(child);
  };
  scope.add(() => {
    for (const child of victims) child.kill('SIGKILL');
  });
  for (const name of ['one', 'two', 'three']) enlist(name);
  await until('all of them to be killed', () => {
    const file = JSON.parse(readFileSync(path, 'utf8'));
    assert.equal(file.kept.length, kept.length);
    reads += 1;
    return victims.size === 0;
  });
  assert.deepEqual(faults, []);
  assert.ok(saves >= 200, `${saves} saves`);
  assert.ok(reads >= 20, `${reads} reads`);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  // Whoever was killed with the lock does not keep it.
  const names = Object.keys(JSON.parse(readFileSync(path, 'utf8')));
  assert.deepEqual(names.sort(), ['kept', 'one', 'three', 'two']);
});

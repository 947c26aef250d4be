import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { catalogFilePath } from '../../src/codex/catalogFile.ts';
import { codexLogin, loginIn } from '../../src/codex/codexLogin.ts';
import { readsCatalogUrl, versionIn } from '../../src/codex/codexVersion.ts';
import { connectCodex } from '../../src/codex/connect.ts';
import { connectOptions } from '../../src/codex/connectOptions.ts';
import { findCodex } from '../../src/codex/find.ts';
import { InstalledCodex } from '../../src/codex/installedModels.ts';
import { isMultiUserHost } from '../../src/codex/multiUserHost.ts';
import { runCodex } from '../../src/codex/runCodex.ts';
import { runningCodex } from '../../src/codex/runningCodex.ts';
import { disconnectsOnExit } from '../../src/codex/stay.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const codexBin = dirname(fileURLToPath(new URL('../../node_modules/.bin/codex', import.meta.url)));

/** A program that behaves like a Codex of some version. */
function fakeCodex(folder: string, version: string, more = ''): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'codex');
  const script = `#!/bin/sh
case "$1 $2" in
  "--version ") echo "codex-cli ${version}" ;;
  ${more}
  *) exit 2 ;;
esac
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

describe('an installed Codex', () => {
  test('is found on the PATH, where installers put it, and in the editors’ extensions', async (t) => {
    const root = testScope(t).directory('find');
    const [bin, home] = [join(root, 'bin'), join(root, 'home')];
    const onPath = fakeCodex(bin, '0.169.0');
    const local = fakeCodex(join(home, '.local/bin'), '0.160.1');
    const bundled = fakeCodex(
      join(home, '.vscode-server/extensions/openai.chatgpt-1.2.3-linux-x64/bin/linux-x86_64'),
      '0.170.0-alpha.3',
    );
    const broken = join(home, '.cargo/bin');
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, 'codex'), 'not a program');
    symlinkSync(onPath, join(home, '.local/bin/other'));
    const found = await findCodex({ PATH: `relative:${bin}:${bin}:/nowhere`, HOME: home });
    assert.deepEqual(
      found.map(({ program, source, version }) => [program, source, version?.text]),
      [
        [onPath, 'path', '0.169.0'],
        [local, 'folder', '0.160.1'],
        [join(broken, 'codex'), 'folder', undefined],
        [bundled, 'extension', '0.170.0-alpha.3'],
      ],
    );
    assert.deepEqual(await findCodex({}), []);
  });

  test('from npm is started without its launcher', async () => {
    const [codex] = await findCodex({ PATH: codexBin });
    assert.match(codex?.version?.text ?? '', /^0\.\d+\.\d+$/);
    assert.doesNotMatch(codex?.program ?? '', /\.js$/);
  });

  test('of an older version is given its models in a file, which the proxy keeps', async (t) => {
    const scope = testScope(t);
    const bin = join(scope.directory('old'), 'bin');
    fakeCodex(bin, '0.155.1');
    const sim = { adapter: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1', models: ['a'] };
    const folder = { codexHome: scope.directory('codex'), home: scope.directory('empty') };
    const early = await connectCodex(await connectOptions(folder, 10_100, { PATH: bin }));
    assert.ok(!early.ok);
    assert.match(early.message, /older than 0\.161/);

    const { home } = await startProxy(scope, { providers: { sim } }, { env: { PATH: bin } });

    const catalog = await until('the file', () =>
      readFile(catalogFilePath(home), 'utf8').catch(() => undefined),
    );
    assert.match(catalog, /"slug":"sim\/a"/);
    const where = { codexHome: folder.codexHome, home };
    const connected = await connectCodex(await connectOptions(where, 10_100, { PATH: bin }));
    assert.ok(connected.ok);
    const config = await readFile(join(folder.codexHome, 'config.toml'), 'utf8');
    assert.ok(config.includes(`model_catalog_json = ${JSON.stringify(catalogFilePath(home))}`));
    assert.deepEqual(connected.warnings, []);

    const more = { ...sim, models: ['a', 'b'] };
    await writeFile(join(home, 'config.json'), JSON.stringify({ providers: { sim: more } }));
    await until('the new model', async () =>
      (await readFile(catalogFilePath(home), 'utf8')).includes('"slug":"sim/b"'),
    );
    fakeCodex(bin, '0.169.0  ');
    assert.ok((await connectCodex(await connectOptions(where, 10_100, { PATH: bin }))).ok);
    const updated = await readFile(join(folder.codexHome, 'config.toml'), 'utf8');
    assert.doesNotMatch(updated, /model_catalog_json/);
  });

  test('that keeps its login in a keyring is asked for its kind', async (t) => {
    const scope = testScope(t);
    const [bin, codexHome] = [join(scope.directory('keyring'), 'bin'), scope.directory('codex')];
    const status = '"login status") echo "Logged in using ChatGPT" >&2 ;;';
    fakeCodex(bin, '0.169.0', status);
    assert.equal(await codexLogin(codexHome, { PATH: bin }), 'none');
    writeFileSync(join(codexHome, 'config.toml'), 'cli_auth_credentials_store = "keyring"\n');
    assert.equal(await codexLogin(codexHome, { PATH: bin }), 'chatgpt');
    assert.equal(await codexLogin(codexHome, {}), 'none');
    assert.equal(loginIn('API key configured - sk-***89\n'), 'api_key');
    assert.equal(loginIn('Not logged in'), 'none');
  });

  test('is asked for its models once; what it said is kept until it changes', async (t) => {
    const scope = testScope(t);
    const [bin, home] = [join(scope.directory('models'), 'bin'), scope.directory('home')];
    const count = join(home, 'count');
    const model = { slug: 'm', visibility: 'list', priority: 1, base_instructions: 'Do it.' };
    const answer = JSON.stringify({ models: [model] });
    const debug = `"debug models") echo x >> ${count}; echo '${answer}' ;;`;
    fakeCodex(bin, '0.169.0', debug);

    for (const asked of [1, 2]) {
      let changes = 0;
      const codex = new InstalledCodex(home, { PATH: bin }, () => (changes += 1));
      codex.look();
      codex.look();
      assert.equal(codex.models, undefined, 'nobody waits');
      const models = await until('the models', () => codex.models);
      assert.equal(models.instructions, 'Do it.');
      assert.equal(changes, 1);
      assert.equal(await readFile(count, 'utf8'), 'x\n', `asked ${asked} times`);
      codex.dispose();
    }
    fakeCodex(bin, '0.169.10', debug);
    const newer = new InstalledCodex(home, { PATH: bin }, () => {});
    newer.look();
    await until('the models', () => newer.models !== undefined);
    assert.equal(await readFile(count, 'utf8'), 'x\nx\n');
    newer.dispose();
  });

  test('that could not be started is asked again', async (t) => {
    const root = testScope(t).directory('later');
    const env = { PATH: join(root, 'bin') };
    const program = fakeCodex(join(root, 'bin'), '0.169.0');
    chmodSync(program, 0o644);
    const [before] = await findCodex(env);
    assert.equal(before?.version, undefined);
    chmodSync(program, 0o755);
    const [after] = await findCodex(env);
    assert.equal(after?.stamp, before?.stamp);
    assert.equal(after?.version?.text, '0.169.0');
  });

  test('that hangs is ended, with what it has started', async (t) => {
    const root = testScope(t).directory('hang');
    const mark = join(root, 'alive');
    const program = fakeCodex(
      join(root, 'bin'),
      '1',
      `"x ") sleep 300 & echo $! > ${mark}; wait ;;`,
    );
    const run = await runCodex(program, ['x'], { env: process.env, timeoutMs: 500 });
    assert.ok(!run.ok);
    assert.match(run.reason, /did not end/);

    const pid = Number(await readFile(mark, 'utf8'));
    await until('the child to end', () => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
    const missing = await runCodex(join(root, 'nobody'), [], { env: {}, timeoutMs: 500 });
    assert.ok(!missing.ok);
    assert.match(missing.reason, /cannot be started/);
    // The system refuses some programs at once, instead of a moment later.
    await writeFile(join(root, 'noFolder'), '');
    const impossible = await runCodex(join(root, 'noFolder', 'codex'), [], {
      env: {},
      timeoutMs: 500,
    });
    assert.ok(!impossible.ok);
    assert.match(impossible.reason, /cannot be started/);
  });
});

test('versions are read as Codex prints them', () => {
  assert.equal(versionIn('codex-cli 0.156.0-alpha.2\n')?.text, '0.156.0-alpha.2');
  assert.equal(versionIn('hello'), undefined);
  const reads = (text: string) => readsCatalogUrl(versionIn(text) ?? { text, major: 0, minor: 0 });
  assert.deepEqual(['0.160.9', '0.161.0', '1.0.0'].map(reads), [false, true, true]);
});

test('processes of Codex are told from others', async (t) => {
  const proc = testScope(t).directory('proc');
  for (const [pid, command] of [
    ['11', '/opt/codex\0app-server\0'],
    ['12', '/opt/codex\0exec\0hi\0'],
    ['13', '/usr/bin/vim\0codex\0'],
  ] as const) {
    mkdirSync(join(proc, pid));
    writeFileSync(join(proc, pid, 'cmdline'), command);
  }
  const found = await runningCodex(proc);
  if (process.platform !== 'linux') assert.equal(found, undefined);
  else {
    assert.deepEqual(
      found?.map(({ pid, kind }) => [pid, kind]),
      [
        [11, 'app-server'],
        [12, 'other'],
      ],
    );
  }
});

test('Codex is given back on exit where others share the machine and a login is at stake', async (t) => {
  const homes = testScope(t).directory('homes');
  mkdirSync(join(homes, 'me'));
  mkdirSync(join(homes, 'Shared'));
  const shared = () => isMultiUserHost(join(homes, 'me'));
  assert.equal(await disconnectsOnExit({}, 'chatgpt', shared), false);
  mkdirSync(join(homes, 'colleague'));
  assert.equal(await disconnectsOnExit({}, 'chatgpt', shared), true);
  assert.equal(await disconnectsOnExit({}, 'api_key', shared), false);
  assert.equal(await disconnectsOnExit({ disconnectOnExit: false }, 'chatgpt', shared), false);
  assert.equal(await disconnectsOnExit({ disconnectOnExit: true }, 'none', shared), true);
});

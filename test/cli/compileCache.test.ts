import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dropOldCompiled } from '../../src/cli/compileCache.ts';
import { runOcx, startOcx } from '../support/ocx.ts';
import { testScope } from '../support/scope.ts';

const source = fileURLToPath(new URL('../../src/cli/compileCache.ts', import.meta.url));

test('what a start has compiled is kept where nobody else can write', async (t) => {
  const scope = testScope(t);
  const home = join(scope.directory('home'), 'opencodex');
  mkdirSync(home, { mode: 0o755 });
  const ocx = await startOcx(scope, { home });
  assert.equal(await ocx.end('SIGTERM'), 0);
  const folder = join(home, 'compiled');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  assert.ok(files.length > 0);
  if (process.platform === 'win32') return;
  for (const path of [home, folder]) assert.equal(statSync(path).mode & 0o777, 0o700, path);
});

test('without a folder of ours there is none afterwards', async (t) => {
  const scope = testScope(t);
  const home = join(scope.directory('home'), 'opencodex');
  assert.equal((await runOcx(scope, ['--version'], { home })).code, 0);
  assert.equal(existsSync(home), false);
});

test('nothing that lies where others can write is run', async (t) => {
  const user = testScope(t).directory('user');
  const folderKept = async (parent: string, mode: number): Promise<string> => {
    const home = join(user, parent, 'opencodex');
    mkdirSync(home, { recursive: true });
    chmodSync(dirname(home), mode);
    const program = `
      import { getCompileCacheDir } from 'node:module';
      import { keepCompiled } from ${JSON.stringify(source)};
      await keepCompiled(${JSON.stringify(home)});
      console.log(getCompileCacheDir());`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { env: { ...process.env, HOME: user, USERPROFILE: user } },
    );
    return stdout.trim();
  };
  assert.ok((await folderKept('closed', 0o700)).startsWith(join(user, 'closed')));
  if (process.platform !== 'win32') assert.equal(await folderKept('open', 0o777), 'undefined');
});

test('what was compiled long ago is removed, what is newer stays', async (t) => {
  const home = testScope(t).directory('home');
  const file = (name: string, daysAgo: number): string => {
    const path = join(home, 'compiled', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'code');
    const seconds = Date.now() / 1000 - daysAgo * 86_400;
    utimesSync(path, seconds, seconds);
    return path;
  };
  const old = file('v22.1.0/old', 31);
  const recent = file('v24.1.0/recent', 29);
  await dropOldCompiled(home);
  assert.equal(existsSync(old), false);
  assert.equal(existsSync(recent), true);
  await dropOldCompiled(join(home, 'nowhere'));
});

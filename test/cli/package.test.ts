import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { at } from '../support/json.ts';
import { runOcx, startOcx } from '../support/ocx.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { startUpstream } from '../support/upstream.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function built(path: string): void {
  assert.ok(existsSync(join(root, path)), `${path} is missing: run "npm run build" first`);
}

/** Packs the project as npm would publish it and installs that somewhere else, without a network. */
function install(scope: Scope): string {
  built('dist/ocx.cjs');
  built('dist/worker.cjs');
  const target = scope.directory('install');
  npm(['pack', '--pack-destination', target], root);
  const tarball = readdirSync(target).find((name) => name.endsWith('.tgz'));
  assert.ok(tarball);
  npm(['install', '--offline', '--prefix', target, join(target, tarball)], target);
  return target;
}

test('the package installs from a tarball and its ocx works', async (t) => {
  const scope = testScope(t);
  const target = install(scope);
  const home = scope.directory('home');
  const program = [join(target, 'node_modules/.bin/ocx')];

  const { stdout: version } = await runOcx(scope, ['--version'], { home, program });
  assert.equal(version.trim(), at(manifest, 'version'));

  const ocx = await startOcx(scope, { home, program });
  const { stdout: token } = await runOcx(scope, ['token'], { home, program });
  const models = await fetch(`${ocx.baseUrl}/models`, {
    headers: { authorization: `Bearer ${token.trim()}` },
  });
  assert.equal(models.status, 200);
  assert.equal(await ocx.end('SIGTERM'), 0);
});

test('the package holds what ocx needs and nothing of the sources', (t) => {
  built('dist/ocx.cjs');
  const listing: unknown = JSON.parse(npm(['pack', '--dry-run', '--json'], root));
  const entries = at(listing, 0, 'files') ?? at(Object.values(Object(listing)), 0, 'files');
  assert.ok(Array.isArray(entries));
  const files = entries.map((file) => String(at(file, 'path')));
  for (const file of [
    'dist/ocx.cjs',
    'dist/cli.cjs',
    'dist/worker.cjs',
    'dist/codec.cjs',
    'package.json',
    'LICENSE',
    'README.md',
  ]) {
    assert.ok(files.includes(file), `${file} is not in the package: ${files.join(', ')}`);
  }
  const strays = files.filter((file) => /^(src|test|scripts|node_modules)\/|\.ts$/.test(file));
  assert.deepEqual(strays, []);
  t.diagnostic(`${files.length} files`);
});

test('an old Node is told so in one sentence', async (t) => {
  const scope = testScope(t);
  built('dist/ocx.cjs');
  const posing =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})';
  const { code, stdout, stderr } = await runOcx(scope, ['start'], {
    home: scope.directory('home'),
    program: [process.execPath, '--import', posing, join(root, 'dist/ocx.cjs')],
  });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^ocx: Node 22 or newer is needed, and this is Node 20\.19\.0 .+\n$/);
});

test('the built program asks a provider before it is added', async (t) => {
  const scope = testScope(t);
  built('dist/ocx.cjs');
  built('dist/worker.cjs');
  const upstream = await startUpstream(scope, (_seen, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"data":[{"id":"one"}]}');
  });
  const { code, stdout, stderr } = await runOcx(
    scope,
    `provider add custom --name mine --base-url ${upstream.url}/v1 --no-key`.split(' '),
    { home: scope.directory('home'), program: [process.execPath, join(root, 'dist/ocx.cjs')] },
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Added mine/);
  assert.deepEqual(
    upstream.requests.map(({ path }) => path),
    ['/v1/models'],
  );
});

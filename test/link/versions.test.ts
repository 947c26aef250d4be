import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { localToken } from '../../src/credentials/token.ts';
import { isNewer, linkVersion } from '../../src/link/version.ts';
import { Follower } from '../../src/proxy/follower.ts';
import { defaultLimits } from '../../src/proxy/limits.ts';
import { Listener } from '../../src/proxy/listener.ts';
import { connectPeer } from '../../src/proxy/peer.ts';
import { writeConfig } from '../support/configFile.ts';
import { freePort } from '../support/freePort.ts';
import { startHaltingUpstream } from '../support/haltingUpstream.ts';
import { startProxyProcess } from '../support/proxyProcess.ts';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const entry = fileURLToPath(new URL('../../src/worker.ts', import.meta.url));

/** A bundle as the build makes it, of another link version and with what else that one did not have. */
async function build(
  folder: string,
  link: number,
  change: (path: string, text: string) => string = (_path, text) => text,
): Promise<string> {
  const outfile = join(folder, `worker-${link}.cjs`);
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    banner: { js: 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;' },
    define: { 'import.meta.url': '__importMetaUrl' },
    plugins: [
      {
        name: 'other-version',
        setup({ onLoad }) {
          onLoad({ filter: /[\\/]src[\\/](link|proxy)[\\/].*\.ts$/ }, async ({ path }) => {
            const text = change(path, await readFile(path, 'utf8'));
            const version = /[\\/]link[\\/]version\.ts$/.test(path);
            const contents = version
              ? text.replace(/linkVersion = \d+/, `linkVersion = ${link}`)
              : text;
            return { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  return outfile;
}

test('of two built versions the newer one serves, whichever was first, and no turn is lost', async (t) => {
  const scope = testScope(t);
  const { upstream, goOn } = await startHaltingUpstream(scope);
  const home = scope.directory('home');
  const folder = scope.directory('bundles');
  const port = await freePort();
  const sim = { adapter: 'openai-chat', baseUrl: `${upstream.url}/v1`, models: ['m'] };
  writeConfig(home, { providers: { sim } });
  const [olderFile, newerFile] = await Promise.all([
    // It knows nothing of account logins yet.
    build(folder, linkVersion, (path, text) =>
      path.endsWith('managementApi.ts') ? text.replace('...loginRoutes(services),', '') : text,
    ),
    build(folder, linkVersion + 1),
  ]);
  const olderOptions = { home, port, version: '1.9.0', worker: olderFile };
  const newerOptions = { home, port, version: '1.10.0', worker: newerFile };
  const older = startProxyProcess(scope, olderOptions);
  await older.reaches('listening');
  const token = await localToken(home);
  const stream = fetch(`http://127.0.0.1:${port}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ model: 'sim/m', input: 'hi', stream: true }),
  }).then((answer) => answer.text());
  await until('the turn', () => upstream.requests.length === 1);

  const newer = startProxyProcess(scope, newerOptions);
  await newer.reaches('listening');
  await older.reaches('elsewhere');
  goOn();
  assert.match(await stream, /response\.completed/);
  assert.equal(await versionAt(port, token), '1.10.0');

  const secondOlder = startProxyProcess(scope, olderOptions);
  await secondOlder.reaches('elsewhere');
  await newer.kill();
  await until('an older one again', () =>
    [older, secondOlder].some(({ states }) => states.at(-1)?.status === 'listening'),
  );
  assert.equal(await versionAt(port, token), '1.9.0');

  // As a window of the newer version sees it, while it has not asked for the port.
  const follower = new Follower({
    ...{ port, token, build: { version: '1.10.0', link: linkVersion + 1 }, window: 'w' },
    ...{ delayMs: 1_000_000, keys: () => ({}), heard: () => {}, taken: () => {}, lost: () => {} },
    createListener: () => new Listener(defaultLimits, (_request, response) => response.end()),
  });
  scope.add(() => follower.dispose());
  const known = await follower.call({ method: 'GET', path: '/api/subagent-models' });
  assert.equal(known.status, 200);
  const unknown = await follower.call({ method: 'GET', path: '/api/oauth/providers' });
  assert.equal(unknown.status, 501);
  assert.match(JSON.stringify(unknown.body), /An older OpenCodex \(1\.9\.0\) serves the port/);
});

async function versionAt(port: number, token: string): Promise<string | undefined> {
  const found = await until('somebody', async () => {
    const occupant = await connectPeer(port, token);
    return occupant.kind === 'ours' && occupant;
  });
  found.peer.close();
  return found.version;
}

test('newer is by link version first, then by the parts of the version as numbers', () => {
  const build = (version: string, link = 1): { version: string; link: number } => ({
    version,
    link,
  });
  const pairs: readonly (readonly [string, string])[] = [
    ['1.10.0', '1.9.9'],
    ['2.0.0', '1.99.99'],
    ['1.0.1', '1.0.0'],
    ['1.0.1-beta.1', '1.0.0'],
  ];
  for (const [newer, older] of pairs) {
    assert.equal(isNewer(build(newer), build(older)), true);
    assert.equal(isNewer(build(older), build(newer)), false);
    assert.equal(isNewer(build(newer), build(newer)), false);
  }
  assert.equal(isNewer(build('0.1.0', 2), build('9.0.0', 1)), true);
  assert.equal(isNewer(build('9.0.0', 1), build('0.1.0', 2)), false);
  assert.equal(isNewer(build('', 1), build('x', 1)), false);
});

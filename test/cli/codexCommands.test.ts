import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { chatWire } from '../support/chatUpstream.ts';
import { writeConfig } from '../support/configFile.ts';
import { type RunningOcx, runOcx, startOcx } from '../support/ocx.ts';
import { testScope } from '../support/scope.ts';
import { text } from '../support/script.ts';
import { until } from '../support/until.ts';

const codexBin = dirname(fileURLToPath(new URL('../../node_modules/.bin/codex', import.meta.url)));
const own = '# mine\r\nmodel = "gpt-6.1-sol"\r\n\r\n[analytics]\r\nenabled = false';

async function machine(t: TestContext, config: object = {}, path = '') {
  const scope = testScope(t);
  const provider = await chatWire.start(scope);
  const root = scope.directory('machine');
  const [home, codexHome] = [join(root, 'opencodex'), join(root, 'codex')];
  mkdirSync(codexHome);
  writeConfig(home, {
    defaultProvider: 'sim',
    currentModel: 'sim/sim-1',
    providers: { sim: provider.entry },
    ...config,
  });
  const file = join(codexHome, 'config.toml');
  writeFileSync(file, own);
  const env = {
    HOME: root,
    CODEX_HOME: codexHome,
    PATH: [path, dirname(process.execPath), '/usr/bin', '/bin'].filter(Boolean).join(':'),
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: '',
    http_proxy: '',
  };
  const options = { home, env };
  const ocx = async (ocxArgs: readonly string[]) => {
    const run = await runOcx(scope, ocxArgs, options);
    return { ...run, out: stripVTControlCharacters(run.stdout) };
  };
  const start = (): Promise<RunningOcx> => startOcx(scope, options);
  return { scope, provider, home, codexHome, file, ocx, start, options };
}

const read = (file: string): string => readFileSync(file, 'utf8');

describe('ocx and Codex', { concurrency: 3 }, () => {
  test('sync connects, restore gives the file back, and both say so once', async (t) => {
    const { file, codexHome, ocx } = await machine(t);
    const port = ['--port', '10177'];
    const first = await ocx(['sync', ...port]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.out, /^Codex is connected: .*config\.toml names the proxy/);
    assert.match(first.stderr, /No proxy runs on port 10177/);
    assert.match(read(file), /base_url = "http:\/\/127\.0\.0\.1:10177\/v1"/);
    assert.ok(existsSync(join(codexHome, 'opencodex.config.toml')));
    assert.match((await ocx(['sync', ...port])).out, /connected already/);
    assert.match((await ocx(['status', ...port])).out, /^Codex +connected \(/m);
    assert.match((await ocx(['status'])).out, /^Codex +connected, but .*ocx sync/m);

    const kept = await ocx(['restore', '--keep-threads']);
    assert.match(kept.out, /threads made through it can be opened/);
    assert.match(read(file), /^\[model_providers\.opencodex\]\r$/m);
    assert.match((await ocx(['status', ...port])).out, /not connected; the provider stays/);
    const ejected = await ocx(['eject']);
    assert.equal(ejected.code, 0);
    assert.equal(read(file), own);
    assert.ok(!existsSync(join(codexHome, 'opencodex.config.toml')));
    assert.match((await ocx(['restore'])).out, /holds nothing to take back/);
  });

  test('stop gives Codex back, and the next start connects it again', async (t) => {
    const { file, ocx, start } = await machine(t);
    const first = await start();
    const port = ['--port', String(first.port)];
    await ocx(['sync', ...port]);
    const stopped = await ocx(['stop', ...port]);
    assert.match(stopped.out, /has stopped\.\nCodex has its own config back/, stopped.stderr);
    assert.equal(read(file), own);

    const second = await start();
    await until('Codex to be connected again', () =>
      read(file).includes(`http://127.0.0.1:${second.port}/v1`),
    );
    const staying = await ocx(['stop', '--port', String(second.port), '--stay-connected']);
    assert.equal(staying.code, 0);
    assert.ok(read(file).includes(`http://127.0.0.1:${second.port}/v1`));
  });

  test('where the user wants it so, the end of ocx gives Codex back', async (t) => {
    const { file, ocx, start } = await machine(t, { disconnectOnExit: true });
    const running = await start();
    await ocx(['sync', '--port', String(running.port)]);
    assert.notEqual(read(file), own);
    assert.equal(await running.end('SIGTERM'), 0);
    assert.equal(read(file), own);
  });

  test('a file that cannot be read is left alone, and every command says where it is wrong', async (t) => {
    const { file, ocx } = await machine(t);
    writeFileSync(file, 'model = \n');
    for (const command of ['sync', 'restore', 'eject']) {
      const run = await ocx([command]);
      assert.equal(run.code, 1);
      assert.match(run.stderr, /config\.toml, line 1/);
    }
    assert.equal(read(file), 'model = \n');
  });

  test('doctor goes along the chain and ends with an answer through real Codex', async (t) => {
    const { provider, ocx, start } = await machine(t, {}, codexBin);
    const running = await start();
    const port = ['--port', String(running.port)];
    await ocx(['sync', ...port]);
    provider.play([text('OK')]);
    const { code, out, stderr } = await ocx(['doctor', ...port]);
    assert.equal(code, 0, out + stderr);
    assert.match(out, /^✓ Configuration +1 provider, current model sim\/sim-1/m);
    assert.match(out, /^✓ Codex +Version \d+\.\d+/m);
    assert.match(out, /^✓ Proxy +OpenCodex .* with \d+ models/m);
    assert.match(out, /^✓ Connection /m);
    assert.match(out, /^✓ Round trip +Codex \d+\.\d+\.\d+ asked the current model and got “OK”/m);
    assert.equal(provider.unplayed, 0);

    await ocx(['restore']);
    provider.play([text('OK again')]);
    const plain = await ocx(['doctor', ...port]);
    assert.match(plain.out, /^! Connection +Codex is not connected/m);
    assert.match(plain.out, /^✓ Round trip +A plain request .*“OK again”/m);
  });

  test('doctor names what is broken and what to do, and asks nobody when told not to', async (t) => {
    const { provider, home, ocx } = await machine(t);
    await ocx(['sync', '--port', '10178']);
    const run = await ocx(['doctor', '--port', '10178', '--no-request']);
    assert.equal(run.code, 1);
    assert.match(run.out, /^! Codex +No Codex was found/m);
    assert.match(run.out, /^✗ Proxy +Nobody listens on port 10178/m);
    assert.match(run.out, /^! Connection +.*which does not run.*\n.*ocx restore/m);
    assert.match(run.out, /^! Round trip +Left out/m);
    assert.match(run.stderr, /one check failed/);
    assert.equal(provider.requests.length, 0);

    writeConfig(home, { defaultProvider: 'nobody', providers: {} });
    assert.match((await ocx(['doctor', '--no-request'])).out, /^✗ Configuration +.*nobody/m);
    writeFileSync(join(home, 'config.json'), '{');
    assert.match((await ocx(['doctor', '--no-request'])).out, /^✗ Configuration +.*config\.json/m);
  });
});

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectCodex, disconnectCodex } from '../../src/codex/connect.ts';
import { catalogEtag, modelCatalog } from '../../src/codex/modelCatalog.ts';
import { configSchema } from '../../src/config/schema.ts';
import { listen } from '../support/listen.ts';
import { callAppServer, runCodex } from './codexCli.ts';
import { corpus } from './corpus.ts';

const root = await mkdtemp(join(tmpdir(), 'ocx-real-'));
after(() => rm(root, { recursive: true, maxRetries: 5 }));

let count = 0;
async function folderWith(text: string) {
  const folder = join(root, `${count++}`);
  const codexHome = join(folder, 'codex');
  await mkdir(codexHome, { recursive: true });
  await writeFile(join(codexHome, 'config.toml'), text);
  const options = { codexHome, home: join(folder, 'opencodex'), port: 9, token: 'local-token' };
  return { options, read: () => readFile(join(codexHome, 'config.toml'), 'utf8') };
}

describe('real Codex', () => {
  it('accepts every connected config.toml strictly', { timeout: 120_000 }, async () => {
    const queue = [...corpus];
    const accept = async () => {
      for (let shape = queue.pop(); shape !== undefined; shape = queue.pop()) {
        const { options } = await folderWith(shape.text);
        assert.ok((await connectCodex(options)).ok, shape.name);
        const run = await runCodex(options.codexHome, ['app-server', '--strict-config']);
        assert.equal(run.code, 0, `${shape.name}: ${run.stderr}`);
      }
    };
    await Promise.all([accept(), accept()]);
  });

  it('accepts what is there when connecting or disconnecting is killed', {
    timeout: 120_000,
  }, async () => {
    const worker = fileURLToPath(new URL('connectWorker.ts', import.meta.url));
    for (const [index, { name, text }] of corpus.filter((_, at) => at % 6 === 0).entries()) {
      const { options, read } = await folderWith(text);
      const child = fork(worker, [JSON.stringify(options)]);
      await once(child, 'message');
      // Somewhere in the middle of a write; where exactly is different each time.
      await sleep(index * 3);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const run = await runCodex(options.codexHome, ['app-server', '--strict-config']);
      assert.equal(run.code, 0, `${name}: ${run.stderr}`);
      // What the killed process held is no obstacle.
      assert.ok((await connectCodex(options)).ok, name);
      assert.ok((await disconnectCodex(options)).ok, name);
      assert.equal(await read(), text, name);
    }
  });

  it('refuses a setting that it does not know, so the test above can fail', async () => {
    const { options } = await folderWith('nonsense = 1\n');
    const run = await runCodex(options.codexHome, ['app-server', '--strict-config']);
    assert.notEqual(run.code, 0);
    assert.match(run.stderr, /nonsense/);
  });

  it('uses our provider and the current model', { timeout: 60_000 }, async () => {
    const { options } = await folderWith('model = "gpt-5.5"\nmodel_provider = "openai"\n');
    await connectCodex(options);
    const [answer] = await callAppServer(options.codexHome, [['config/read', {}]]);
    const { config } = JSON.parse(JSON.stringify(answer));
    assert.equal(config.model, 'opencodex/current');
    assert.equal(config.model_provider, 'opencodex');
  });

  it('lists the models of our catalog, which it asks for with our token', {
    timeout: 60_000,
  }, async () => {
    const catalog = modelCatalog(
      configSchema.parse({
        providers: {
          acme: {
            adapter: 'openai-chat',
            baseUrl: 'http://127.0.0.1:9/v1',
            models: ['large', 'vendor/small:8b', 'plain'],
            noReasoningModels: ['plain'],
            noVisionModels: ['vendor/small'],
          },
        },
        defaultProvider: 'acme',
        subagentModels: ['acme/plain'],
      }),
    );
    const asked = new Set<string>();
    const server = createServer((request, response) => {
      asked.add(`${request.url?.split('?')[0]} ${request.headers.authorization}`);
      response.setHeader('etag', catalogEtag(catalog));
      response.end(JSON.stringify(catalog));
    });
    const port = await listen(server);
    try {
      const { options } = await folderWith('');
      await connectCodex({ ...options, port });
      const [answer] = await callAppServer(options.codexHome, [['model/list', {}]]);
      const { data } = JSON.parse(JSON.stringify(answer));
      const shown = data.map((model: Record<string, unknown>) => [
        model['model'],
        model['defaultReasoningEffort'],
        model['inputModalities'],
      ]);
      assert.deepEqual(shown, [
        ['acme/plain', data[0].defaultReasoningEffort, ['text', 'image']],
        ['opencodex/current', 'medium', ['text', 'image']],
        ['acme/large', 'medium', ['text', 'image']],
        ['acme/vendor/small:8b', 'medium', ['text']],
      ]);
      assert.deepEqual(data[0].supportedReasoningEfforts, []);
      assert.deepEqual([...asked], [`/v1/codex/models Bearer ${options.token}`]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  const edits = (model: string) =>
    [
      ['config/value/write', { keyPath: 'model', value: model, mergeStrategy: 'replace' }],
      [
        'config/value/write',
        { keyPath: 'model_reasoning_effort', value: 'high', mergeStrategy: 'replace' },
      ],
      [
        'config/value/write',
        { keyPath: 'mcp_servers.added', value: { command: 'x' }, mergeStrategy: 'replace' },
      ],
      ['config/value/write', { keyPath: 'mcp_servers.old', value: null, mergeStrategy: 'replace' }],
    ] as const;
  const original = `# mine
model = "gpt-5.5" # fav
approval_policy = "never"

# to be removed
[mcp_servers.old]
command = "old"
`;

  it('may edit the file while it is connected: its edits stay, ours go', {
    timeout: 60_000,
  }, async () => {
    const plain = await folderWith(original);
    await callAppServer(plain.options.codexHome, edits('gpt-6'));
    const managed = await folderWith(original);
    await connectCodex(managed.options);
    await callAppServer(managed.options.codexHome, edits('gpt-6'));
    await disconnectCodex(managed.options);
    const expected = await plain.read();
    assert.match(expected, /^model = "gpt-6" # fav$/m);
    assert.match(expected, /^\[mcp_servers\.added\]$/m);
    assert.doesNotMatch(expected, /old/);
    // Codex puts a new table after the last one, which was ours; a blank line may differ.
    const lines = (text: string) => text.split('\n').filter((line) => line !== '');
    assert.deepEqual(
      lines(await managed.read()).map((line) => line.replace(' # fav', '')),
      lines(expected).map((line) => line.replace(' # fav', '')),
    );
  });

  it('may pick a routed model: the earlier one comes back', { timeout: 60_000 }, async () => {
    const { options, read } = await folderWith(original);
    await connectCodex(options);
    await callAppServer(options.codexHome, edits('acme/large').slice(0, 1));
    assert.match(await read(), /^model = "acme\/large"$/m);
    await disconnectCodex(options);
    assert.equal(await read(), original);
  });
});

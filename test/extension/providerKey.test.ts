import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { at } from '../support/json.ts';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { flowParts } from './flow.ts';

const { setProviderKey } = await import('../../src/vscode/providerKey.ts');

const key = 'a key that nobody may find';

const config = {
  providers: {
    deepseek: {
      adapter: 'openai-chat',
      baseUrl: 'https://api.deepseek.com',
      apiKey: 'literal-key-in-the-file',
    },
    openai: {
      adapter: 'openai-responses',
      baseUrl: 'https://chatgpt.com/backend-api/codex',
      authMode: 'forward',
    },
  },
};

function entryOf(home: string): unknown {
  const file = readFileSync(join(home, 'config.json'), 'utf8');
  assert.ok(!file.includes(key), 'the key is in the file');
  return at(JSON.parse(file), 'providers', 'deepseek');
}

test('the key goes to the secret store, and the one in the file goes away', async (t) => {
  const parts = await flowParts(testScope(t), { config });
  const changes: unknown[] = [];
  parts.vault.onDidChange((change) => changes.push(change));
  const offered: string[] = [];
  editor.pick = (items) => {
    offered.push(...items.map((item) => JSON.stringify(item)));
    return items[0];
  };
  editor.type = () => ` ${key} `;
  await setProviderKey(parts);
  assert.equal(offered.length, 1, 'only providers with a key are offered');
  assert.ok(!offered.join().includes('literal-key'), 'a key is on the screen');
  assert.deepEqual([...parts.secrets.stored], [['provider:deepseek', key]]);
  assert.deepEqual(entryOf(parts.home), {
    adapter: 'openai-chat',
    baseUrl: 'https://api.deepseek.com',
    keySource: 'vault',
  });
  await new Promise(setImmediate);
  assert.deepEqual(changes, [{ deepseek: key }]);
});

test('an empty answer forgets a stored key', async (t) => {
  const parts = await flowParts(testScope(t), { config });
  editor.pick = (items) => items[0];
  editor.type = () => key;
  await setProviderKey(parts);
  editor.type = () => '';
  await setProviderKey(parts);
  assert.equal(parts.secrets.stored.size, 0);
  assert.equal(at(entryOf(parts.home), 'keySource'), undefined);
});

test('without a keyring nothing is written, and the way around is said', async (t) => {
  const parts = await flowParts(testScope(t), { config });
  parts.secrets.keeps = false;
  editor.pick = (items) => items[0];
  editor.type = () => key;
  await assert.rejects(setProviderKey(parts), /no keyring.*environment variable/);
  assert.deepEqual(entryOf(parts.home), config.providers.deepseek);
});

test('who cancels changes nothing', async (t) => {
  const parts = await flowParts(testScope(t), { config });
  await setProviderKey(parts);
  editor.pick = (items) => items[0];
  await setProviderKey(parts);
  assert.equal(parts.secrets.stored.size, 0);
  assert.deepEqual(entryOf(parts.home), config.providers.deepseek);
});

test('where no provider takes a key, that is said', async (t) => {
  const parts = await flowParts(testScope(t));
  await setProviderKey(parts);
  assert.match(editor.messages[0]?.text ?? '', /No provider uses an API key/);
});

test('the search service has its key there, too', async (t) => {
  const webSearchSidecar = {
    maxSearchesPerTurn: 5,
    service: { name: 'brave', apiKey: 'literal-key-in-the-file' },
  };
  const parts = await flowParts(testScope(t), { config: { providers: {}, webSearchSidecar } });
  const search = (): unknown => {
    const file = readFileSync(join(parts.home, 'config.json'), 'utf8');
    assert.ok(!file.includes(key), 'the key is in the file');
    return at(JSON.parse(file), 'webSearchSidecar');
  };
  editor.pick = (items) => items[0];
  editor.type = () => key;
  await setProviderKey(parts, 'search/brave');
  assert.deepEqual([...parts.secrets.stored], [['provider:search/brave', key]]);
  assert.deepEqual(search(), {
    maxSearchesPerTurn: 5,
    service: { name: 'brave', keySource: 'vault' },
  });
  editor.type = () => '';
  await setProviderKey(parts);
  assert.equal(parts.secrets.stored.size, 0);
  assert.deepEqual(search(), { maxSearchesPerTurn: 5, service: { name: 'brave' } });
});

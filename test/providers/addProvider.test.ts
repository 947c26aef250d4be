// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what users write in config.json
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import {
  addProvider,
  draftProvider,
  keyWarnings,
  type ProviderAnswers,
  removeProvider,
  setDefaultProvider,
  setProviderKey,
} from '../../src/providers/addProvider.ts';
import { catalog } from '../../src/providers/catalog.ts';
import { looksLikeKeyOf } from '../../src/providers/keyOwner.ts';
import { resolveProvider } from '../../src/providers/resolve.ts';
import { writeConfig } from '../support/configFile.ts';
import { testScope } from '../support/scope.ts';

function draft(answers: ProviderAnswers) {
  const made = draftProvider(answers);
  assert.ok(made.ok, made.ok ? '' : made.message);
  return made;
}

function problem(answers: ProviderAnswers): string {
  const made = draftProvider(answers);
  assert.ok(!made.ok, JSON.stringify(made));
  return made.message;
}

async function configOf(home: string): Promise<Config> {
  const loaded = await loadConfig(home);
  assert.ok(loaded.ok);
  return loaded.config;
}

describe('a draft', () => {
  for (const entry of catalog) {
    if (entry.unusable !== undefined) continue;
    test(`${entry.id}: is usable and knows what the catalog knows`, () => {
      const values = Object.fromEntries(
        (entry.asks ?? []).map((ask) => [
          ask.name,
          ask.default ?? (ask.name === 'baseUrl' ? 'https://typed.example/v1' : 'acme'),
        ]),
      );
      const { id, entry: made } = draft({ preset: entry.id, id: 'mine', apiKey: '$KEY', values });
      assert.equal(id, 'mine');
      const mine = resolveProvider(id, made);
      assert.equal(mine.unusable, undefined);
      assert.equal(mine.wire, entry.adapter);
      assert.equal(mine.defaultModel, entry.defaultModel);
      if (entry.id === 'custom') return;
      const named = resolveProvider(entry.id, {
        adapter: made.adapter,
        authMode: made.authMode,
        baseUrl: made.baseUrl,
      });
      assert.deepEqual(new Set(mine.noVisionModels), new Set(named.noVisionModels));
      assert.deepEqual(new Set(mine.noReasoningModels), new Set(named.noReasoningModels));
      assert.deepEqual(mine.quirks, named.quirks);
    });
  }

  test('says what is missing or wrong', () => {
    assert.match(problem({ preset: 'nobody' }), /no provider "nobody"/);
    assert.match(problem({ preset: 'parallel', apiKey: 'k' }), /ignore tools/);
    assert.match(problem({ preset: 'mistral' }), /needs an API key.*console\.mistral\.ai/);
    assert.match(problem({ preset: 'mistral', apiKey: '  ' }), /needs an API key/);
    assert.match(problem({ preset: 'azure', apiKey: 'k' }), /"resource" is missing/);
    assert.match(problem({ preset: 'cloudflare-ai-gateway', apiKey: 'k' }), /"account" is missing/);
    assert.match(problem({ preset: 'custom', values: { baseUrl: 'http://a/v1' } }), /a name/);
    assert.match(problem({ id: 'a', baseUrl: 'ftp://a/v1' }), /"baseUrl" must be an http/);
  });

  test('fills what the addresses ask for, with what is usual where nothing is said', () => {
    const cloudflare = draft({ preset: 'cf-aig', values: { account: ' abc ' } });
    assert.equal(
      cloudflare.entry.baseUrl,
      'https://gateway.ai.cloudflare.com/v1/abc/default/anthropic',
    );
    assert.equal(draft({ preset: 'gitlab-duo', apiKey: 'k' }).entry.placeholders, undefined);
    const own = draft({ preset: 'gitlab', apiKey: 'k', values: { instance: 'https://g.acme/' } });
    assert.deepEqual(own.entry.placeholders, { instance: 'https://g.acme' });
    const { exchange } = resolveProvider(own.id, own.entry);
    assert.equal(exchange?.url, 'https://g.acme/api/v4/ai/third_party_agents/direct_access');
  });

  test('keeps the key where the user wants it', () => {
    assert.equal(draft({ preset: 'mistral', apiKey: ' k ' }).entry.apiKey, 'k');
    const vault = draft({ preset: 'mistral', apiKey: 'k', keySource: 'vault' }).entry;
    assert.deepEqual([vault.apiKey, vault.keySource], [undefined, 'vault']);
    const login = draft({ preset: 'xai', authMode: 'oauth', apiKey: 'k' }).entry;
    assert.deepEqual([login.apiKey, login.authMode], [undefined, 'oauth']);
    assert.equal(draft({ preset: 'chatgpt' }).entry.authMode, 'forward');
    assert.equal(draft({ preset: 'ollama' }).entry.apiKey, undefined);
  });
});

describe('config.json', () => {
  test('gets a provider beside those that it has, and keeps what it does not know', async (t) => {
    const home = testScope(t).directory('home');
    writeConfig(home, {
      ours: 1,
      providers: {
        mistral: { adapter: 'openai-chat', baseUrl: 'http://old/v1', apiKey: 'old', mine: 2 },
      },
      defaultProvider: 'mistral',
    });
    await addProvider(home, draft({ preset: 'mistral', keySource: 'vault' }));
    await addProvider(home, draft({ preset: 'ollama' }));
    const text = readFileSync(join(home, 'config.json'), 'utf8');
    const { providers, ours }: { providers: Record<string, object>; ours: number } =
      JSON.parse(text);
    assert.equal(ours, 1);
    assert.deepEqual(Object.keys(providers), ['mistral', 'ollama']);
    assert.ok(!text.includes('"old"') && !text.includes('authMode'), text);
    assert.partialDeepStrictEqual(providers['mistral'], {
      mine: 2,
      keySource: 'vault',
      baseUrl: 'https://api.mistral.ai/v1',
    });
  });

  test('loses a provider and what points to it', async (t) => {
    const home = testScope(t).directory('home');
    writeConfig(home, {
      providers: {
        a: { adapter: 'openai-chat', baseUrl: 'http://a/v1' },
        b: { adapter: 'openai-chat', baseUrl: 'http://b/v1' },
      },
      defaultProvider: 'a',
      currentModel: 'a/m',
    });
    const one = await removeProvider(home, 'a');
    assert.deepEqual([one.defaultProvider, one.currentModel], ['b', undefined]);
    const none = await removeProvider(home, 'b');
    assert.deepEqual(Object.keys(none.providers), []);
    await addProvider(home, draft({ preset: 'ollama' }));
    assert.deepEqual(Object.keys((await configOf(home)).providers), ['ollama']);
  });

  test('the default without a file stays when another is added, and can go as well', async (t) => {
    const home = testScope(t).directory('home');
    await addProvider(home, draft({ preset: 'ollama' }));
    assert.deepEqual(Object.keys((await configOf(home)).providers), ['openai', 'ollama']);
    const left = await removeProvider(home, 'openai');
    assert.deepEqual([Object.keys(left.providers), left.defaultProvider], [['ollama'], 'ollama']);
    assert.equal((await setDefaultProvider(home, 'ollama')).defaultProvider, 'ollama');
  });

  test('a key moves between file and vault without leaving itself behind', async (t) => {
    const home = testScope(t).directory('home');
    await addProvider(home, draft({ preset: 'mistral', apiKey: 'literal-key' }));
    const entryAfter = async (key: Parameters<typeof setProviderKey>[2]) => {
      const entry = (await setProviderKey(home, 'mistral', key)).providers['mistral'];
      return [entry?.apiKey, entry?.keySource];
    };
    assert.deepEqual(await entryAfter({ keySource: 'vault' }), [undefined, 'vault']);
    assert.ok(!readFileSync(join(home, 'config.json'), 'utf8').includes('literal-key'));
    assert.deepEqual(await entryAfter({ apiKey: '${K}' }), ['${K}', undefined]);
    assert.deepEqual(await entryAfter(undefined), [undefined, undefined]);
  });

  test('many additions at once are all kept', async (t) => {
    const home = testScope(t).directory('home');
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
    await Promise.all(
      names.map((id) => addProvider(home, draft({ id, baseUrl: `http://${id}/v1` }))),
    );
    const { providers } = await configOf(home);
    assert.deepEqual(Object.keys(providers).sort(), ['openai', ...names].sort());
  });
});

describe('a key', () => {
  test('tells by its beginning whose it is', () => {
    const cases: Readonly<Record<string, readonly string[]>> = {
      'sk-ant-api03-x': ['anthropic'],
      'sk-proj-x': ['openai-api'],
      'sk-or-v1-x': ['openrouter'],
      AIzaSyx: ['google'],
      'xai-x': ['xai'],
      gsk_x: ['groq'],
      'csk-x': ['cerebras'],
      fw_x: ['fireworks'],
      vck_x: ['vercel-ai-gateway'],
      hf_x: ['huggingface'],
      'nvapi-x': ['nvidia'],
      'bce-v3/x': ['qianfan'],
      'sk-sp-x': ['alibaba', 'alibaba-token-plan'],
      'sk-0123': [],
      '': [],
    };
    for (const [key, owners] of Object.entries(cases)) {
      assert.deepEqual(
        looksLikeKeyOf(key).map(({ id }) => id),
        owners,
        key,
      );
    }
  });

  test('for somebody else draws a warning that does not repeat it', () => {
    const at = (label: string, baseUrl: string) => ({ label, baseUrl });
    const groq = at('Groq', 'https://api.groq.com/openai/v1');
    const key = 'sk-ant-api03-secret';
    const [warning = ''] = keyWarnings(groq, key);
    assert.match(warning, /looks like a key of Anthropic.*sent to Groq \(api\.groq\.com\)/);
    assert.ok(!warning.includes(key));
    assert.deepEqual(keyWarnings(groq, 'gsk_x'), []);
    assert.deepEqual(keyWarnings(groq, 'sk-123'), []);
    assert.deepEqual(keyWarnings(groq, undefined), []);
    const plan = at('Plan', 'https://coding-intl.dashscope.aliyuncs.com/v1');
    assert.deepEqual(keyWarnings(plan, 'sk-sp-x'), []);
    const gateway = at('Cloudflare', 'https://gateway.ai.cloudflare.com/v1/a/b/anthropic');
    assert.deepEqual(keyWarnings(gateway, key), []);
  });

  test('that travels in the open draws a warning, but not at home', () => {
    for (const near of [
      'http://localhost:1/v1',
      'http://127.0.0.1/v1',
      'http://gpu/v1',
      'http://192.168.1.2/v1',
      'http://[::1]:8/v1',
      'http://box.local/v1',
      'https://far.example/v1',
    ]) {
      assert.deepEqual(keyWarnings({ label: 'x', baseUrl: near }, 'k'), [], near);
    }
    for (const far of ['http://far.example/v1', 'http://8.8.8.8/v1', 'http://172.32.0.1/v1']) {
      assert.match(keyWarnings({ label: 'x', baseUrl: far }, 'k').join(), /without TLS/, far);
    }
  });
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables in config.json
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { openConfig } from '../../src/codex/configDocument.ts';
import { connectText } from '../../src/codex/connectText.ts';
import { disconnectText } from '../../src/codex/disconnectText.ts';
import { providerFields } from '../../src/codex/providerTable.ts';
import { patchJson } from '../../src/config/patch.ts';
import { parseConfig } from '../../src/config/text.ts';
import {
  accountsOf,
  withLogin,
  withNeedsLogin,
  withoutAccount,
  withTokens,
} from '../../src/credentials/accounts/authShapes.ts';
import { accountProviders } from '../../src/credentials/accounts/credential.ts';
import { configuredProviders } from '../../src/providers/configured.ts';
import { routeModel } from '../../src/providers/routing.ts';
import { isJsonObject } from '../../src/turn/json.ts';
import type { JsonObject } from '../../src/turn/turn.ts';
import { corpus } from '../codexFiles/corpus.ts';
import { randomToml } from '../codexFiles/randomToml.ts';
import type { Random } from '../responses/random.ts';
import { isRecord } from '../support/json.ts';
import { damaged, torn } from './damage.ts';
import type { Fuzzer } from './fuzzer.ts';

const provider = providerFields({ port: 10100, token: 'tok' }, 'none');
const ours = ['model', 'model_provider', 'model_catalog_json'];

/** What a table says, without what connecting changes. */
function theirs(text: string): unknown {
  const table: unknown = JSON.parse(
    JSON.stringify(parse(text.replace(/^\uFEFF/, '')), (_key, value) =>
      typeof value === 'bigint' || typeof value === 'number' ? String(value) : value,
    ),
  );
  if (!isRecord(table)) return table;
  const { model_providers: providers, ...rest } = table;
  const others = isRecord(providers) ? { ...providers, opencodex: undefined } : {};
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => !ours.includes(name))),
    providers: JSON.parse(JSON.stringify(others)),
  };
}

const toml: Fuzzer = {
  name: 'config.toml',
  quick: 1200,
  run(random) {
    const base = random.chance(60)
      ? randomToml(1 + random.below(0x7fff_ffff))
      : (corpus[random.below(corpus.length)]?.text ?? '');
    const text = torn(base, random, random.pick([0, 1, 3]));
    const facts = { noFinalNewline: false, mode: undefined, created: 'nothing' } as const;
    const opened = openConfig(text);
    const connected = connectText(text, { provider }, facts);
    const left = disconnectText(text, { keepProvider: random.chance(50) });
    if (!opened.ok) {
      assert.ok(opened.problem.reason.length > 0);
      assert.ok(!connected.ok && !left.ok, 'an invalid file is edited');
      return;
    }
    parse(text.replace(/^\uFEFF/, ''));
    if (!connected.ok) {
      assert.ok(connected.problem.reason.length > 0);
      return;
    }
    const table = parse(connected.text.replace(/^\uFEFF/, ''));
    assert.equal(table['model_provider'], 'opencodex');
    assert.deepEqual(theirs(connected.text), theirs(text), 'something else was changed');
    const twice = connectText(connected.text, { provider }, facts);
    assert.ok(twice.ok && twice.text === connected.text, 'connected twice it is not the same');
    const back = disconnectText(connected.text, { keepProvider: false });
    // A text that our own lines were in already goes back to what it was without them.
    const plain = disconnectText(text, { keepProvider: false });
    assert.ok(back.ok && plain.ok);
    assert.equal(back.text, plain.text, 'not back byte for byte');
  },
};

const config = {
  port: 10100,
  defaultProvider: 'acme',
  currentModel: 'acme/large',
  providers: {
    acme: {
      adapter: 'openai-chat',
      baseUrl: 'https://api.acme.test/v1',
      apiKey: '${ACME_KEY}',
      models: ['large', 'small'],
      defaultModel: 'large',
      headers: { 'x-team': 'a' },
      noVisionModels: ['small'],
    },
    openai: {
      adapter: 'openai-responses',
      baseUrl: 'https://chatgpt.com/backend-api/codex',
      authMode: 'forward',
    },
    claude: { adapter: 'anthropic', baseUrl: 'https://api.anthropic.com', apiKey: 'canary-secret' },
  },
  disabledModels: ['acme/small'],
};

const configReader: Fuzzer = {
  name: 'config.json',
  quick: 700,
  run(random) {
    const value = damaged(config, random, random.pick([0, 2, 5]));
    const text = torn(JSON.stringify(value, null, random.pick([0, 2, 4])) ?? '', random, 1);
    const parsed = parseConfig('/home/config.json', text);
    if (!parsed.ok) {
      const { message } = parsed.error;
      assert.ok(message.length > 0 && message.length < 2_000, `a message of ${message.length}`);
      assert.ok(!message.includes('canary-secret'), message);
      return;
    }
    const providers = configuredProviders(parsed.config);
    assert.ok(providers.size <= Object.keys(parsed.config.providers).length);
    for (const model of ['acme/large', 'large', 'opencodex/current', random.text(), '__proto__']) {
      const routed = routeModel(model, parsed.config);
      if (!routed.ok) assert.ok(routed.error.message.length > 0);
    }
    const to = damaged(parsed.raw, random, 4);
    if (!isJsonObject(to)) return;
    const wanted: unknown = JSON.parse(JSON.stringify(to));
    if (!isJsonObject(wanted)) return;
    const patched = patchJson(text.replace(/^\uFEFF/, ''), parsed.raw, wanted);
    assert.deepEqual(JSON.parse(patched), wanted);
  },
};

const authFiles: readonly [JsonObject, ...JsonObject[]] = [
  readAuth('single'),
  readAuth('sets'),
  readAuth('mixed'),
];

function readAuth(name: string): JsonObject {
  const url = new URL(`../fixtures/accounts/${name}.json`, import.meta.url);
  const value: unknown = JSON.parse(readFileSync(url, 'utf8'));
  if (!isJsonObject(value)) throw new Error(`${name} is no object`);
  return value;
}

/** Everything of the file but one provider's entry. */
function others(file: JsonObject, provider: string): unknown {
  return Object.entries(file).filter(([name]) => name !== provider);
}

function anyAuth(random: Random): JsonObject {
  const made: unknown = JSON.parse(
    JSON.stringify(damaged(random.pick(authFiles), random, random.pick([0, 3, 6]))),
  );
  return isJsonObject(made) ? made : {};
}

const auth: Fuzzer = {
  name: 'auth.json',
  quick: 1500,
  run(random) {
    const file = anyAuth(random);
    const credential = { access: 'new-access', refresh: 'new-refresh', expires: 9, accountId: 'n' };
    for (const provider of accountProviders) {
      const known = accountsOf(file, provider);
      const chosen = known.filter(({ active }) => active).map(({ slot }) => slot);
      assert.ok(new Set(chosen).size <= 1, 'two active accounts');
      const after = withLogin(file, provider, credential, 1);
      assert.deepEqual(others(after, provider), others(file, provider));
      const active = accountsOf(after, provider).find((account) => account.active);
      assert.equal(active?.credential.access, 'new-access', 'logged in, and not there');
      for (const account of known) {
        for (const changed of [
          withTokens(file, account, credential),
          withNeedsLogin(file, account),
          withoutAccount(file, account),
        ]) {
          assert.deepEqual(others(changed, provider), others(file, provider));
        }
        const renewed = accountsOf(withTokens(file, account, credential), provider);
        // Where two have one id, an unreadable one may come to be readable.
        assert.ok(renewed.length >= known.length, 'an account went');
        const gone = accountsOf(withoutAccount(file, account), provider);
        assert.ok(gone.length < known.length, 'it is there still');
      }
    }
  },
};

export const fileFuzzers: readonly Fuzzer[] = [toml, configReader, auth];

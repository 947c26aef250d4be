import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../src/config/schema.ts';
import { defaultConfig } from '../../src/config/schema.ts';
import { listModels } from '../../src/providers/models.ts';
import { routeModel } from '../../src/providers/routing.ts';
import { config, type Fields } from './configs.ts';

const chatgpt = {
  adapter: 'openai-responses',
  baseUrl: 'https://chatgpt.com/backend-api/codex',
  authMode: 'forward',
};
const chat = (fields: Fields = {}) => ({
  adapter: 'openai-chat',
  baseUrl: 'http://localhost:9999/v1',
  ...fields,
});

/** `provider → model`, or the kind of the error. */
function routed(requested: string, to: Config): string {
  const routing = routeModel(requested, to);
  return routing.ok ? `${routing.route.provider.id} → ${routing.route.model}` : routing.error.kind;
}

function refusal(requested: string, to: Config): string {
  const routing = routeModel(requested, to);
  assert.ok(!routing.ok, `${requested} was routed`);
  return routing.error.message;
}

const several = config({
  defaultProvider: 'main',
  providers: {
    first: chat({ defaultModel: 'shared', models: ['shared', 'listed', 'both'] }),
    main: chat({ defaultModel: 'main-model', models: ['main-model', 'shared', 'both'] }),
    openrouter: { adapter: 'openai-chat', baseUrl: 'https://openrouter.ai/api/v1' },
    groq: { adapter: 'openai-chat', baseUrl: 'https://api.groq.com/openai/v1' },
  },
});

test('rule 1: a configured provider in front of the slash', () => {
  assert.equal(routed('first/anything', several), 'first → anything');
  assert.equal(routed('first/shared', several), 'first → shared');
  assert.equal(routed('groq/openai/gpt-oss-120b', several), 'groq → openai/gpt-oss-120b');
  assert.equal(
    routed('openrouter/anthropic/claude-sonnet-5.5', several),
    'openrouter → anthropic/claude-sonnet-5.5',
  );
  assert.equal(routed('first/main/x', several), 'first → main/x');
  assert.equal(routed('first//x', several), 'first → /x');
  assert.equal(routed('first/qwen:8b', several), 'first → qwen:8b');
});

test('rule 2: a default model goes before a listed one', () => {
  assert.equal(routed('shared', several), 'first → shared');
  assert.equal(routed('main-model', several), 'main → main-model');
  // OpenRouter's default of the catalog; the name in front of the slash is no provider here.
  assert.equal(
    routed('anthropic/claude-sonnet-5.5', several),
    'openrouter → anthropic/claude-sonnet-5.5',
  );
});

test('rule 3: a listed model; of several providers the default one', () => {
  assert.equal(routed('listed', several), 'first → listed');
  assert.equal(routed('both', several), 'main → both');
  assert.equal(routed('llama-3.3-70b-versatile', several), 'groq → llama-3.3-70b-versatile');
  assert.equal(routed('z-ai/glm-5.3', several), 'openrouter → z-ai/glm-5.3');
});

test('rule 1 goes before rules 2 and 3', () => {
  const both = config({
    defaultProvider: 'router',
    providers: {
      router: chat({ models: ['openai/gpt-oss-120b'] }),
      openai: chat(),
    },
  });
  assert.equal(routed('openai/gpt-oss-120b', both), 'openai → gpt-oss-120b');
});

test('rule 4: a well-known prefix goes to the provider of that name', () => {
  const families = config({
    defaultProvider: 'other',
    providers: { other: chat(), openai: chatgpt, anthropic: chat(), groq: chat() },
  });
  for (const [model, provider] of [
    ['claude-next', 'anthropic'],
    ['gpt-9', 'openai'],
    ['o1-pro', 'openai'],
    ['o3-mini', 'openai'],
    ['o4-mini', 'openai'],
    ['llama-4', 'groq'],
    ['mixtral-8x7b', 'groq'],
    ['gemma-9', 'groq'],
    ['claude', 'other'],
    ['o2-mini', 'other'],
    ['my-gpt-9', 'other'],
  ] as const) {
    assert.equal(routed(model, families), `${provider} → ${model}`);
  }
});

test('rule 4: without a provider of that name, one whose name begins with it', () => {
  const work = chat();
  const providers = { other: work, 'openai-work': work, 'openai-home': work };
  assert.equal(
    routed('gpt-9', config({ defaultProvider: 'other', providers })),
    'openai-work → gpt-9',
  );
  assert.equal(
    routed('gpt-9', config({ defaultProvider: 'openai-home', providers })),
    'openai-home → gpt-9',
  );
  assert.equal(
    routed('claude-9', config({ defaultProvider: 'other', providers })),
    'other → claude-9',
  );
});

test('rules 2 and 3 go before rule 4', () => {
  const listed = config({
    defaultProvider: 'anthropic',
    providers: {
      anthropic: chat(),
      proxy: chat({ models: ['claude-next'] }),
      other: chat({ defaultModel: 'claude-other' }),
    },
  });
  assert.equal(routed('claude-next', listed), 'proxy → claude-next');
  assert.equal(routed('claude-other', listed), 'other → claude-other');
});

test('rule 5: everything else goes to the default provider', () => {
  assert.equal(routed('something-new', several), 'main → something-new');
  assert.equal(routed('gpt-9', several), 'main → gpt-9');
  assert.equal(routed('codex-auto-review', defaultConfig), 'openai → codex-auto-review');
});

test('an unknown provider in front of a slash is named, with the ones there are and what to do', () => {
  const message = refusal('nosuch/model', several);
  assert.equal(routed('nosuch/model', several), 'unknown_model');
  assert.match(message, /"nosuch"/);
  assert.match(message, /first, main, openrouter, groq/);
  assert.match(message, /config\.json/);
  assert.match(
    refusal('deepseek/deepseek-flash', several),
    /"deepseek" \(DeepSeek\) is not set up/,
  );
  assert.equal(routed('nosuch/gpt-9', defaultConfig), 'unknown_model');
});

test('a slash is part of the model where the default provider has such models, or none are known', () => {
  const providers = {
    openrouter: { adapter: 'openai-chat' as const, baseUrl: 'https://openrouter.ai/api/v1' },
    bare: chat(),
  };
  assert.equal(
    routed('meta/llama-9', config({ defaultProvider: 'openrouter', providers })),
    'openrouter → meta/llama-9',
  );
  assert.equal(
    routed('Qwen/Qwen3-8B', config({ defaultProvider: 'bare', providers })),
    'bare → Qwen/Qwen3-8B',
  );
});

test('opencodex/current follows the chosen model', () => {
  const chosen = (currentModel: string) => config({ ...several, currentModel });
  assert.equal(routed('opencodex/current', chosen('first/listed')), 'first → listed');
  assert.equal(routed('opencodex/current', chosen('groq/openai/x')), 'groq → openai/x');
  assert.equal(routed('OpenCodex/Current', chosen('both')), 'main → both');
});

test('opencodex/current without a choice is the default model of the default provider', () => {
  assert.equal(routed('opencodex/current', several), 'main → main-model');
  assert.equal(routed('opencodex/current', defaultConfig), 'openai → gpt-6.1-sol');
  const own = config({ ...several, currentModel: 'opencodex/current' });
  assert.equal(routed('opencodex/current', own), 'main → main-model');
});

test('opencodex/current says what is missing', () => {
  const bare = config({ defaultProvider: 'bare', providers: { bare: chat() } });
  assert.match(refusal('opencodex/current', bare), /defaultModel/);
  const gone = config({ ...several, currentModel: 'gone/model' });
  assert.match(refusal('opencodex/current', gone), /current model.*"gone"/);
});

test('other reserved ids are refused, also where the default provider would take them', () => {
  const takesAll = config({ defaultProvider: 'bare', providers: { bare: chat() } });
  for (const name of ['opencodex/other', 'opencodex/', 'vscode/', 'VSCode/']) {
    assert.equal(routed(name, takesAll), 'unknown_model', name);
  }
  assert.match(refusal('vscode/', takesAll), /names no model of VS Code/);
  assert.match(refusal('opencodex/other', takesAll), /opencodex\/current/);
});

test("the editor's own models have a provider that stands in no config", () => {
  const takesAll = config({ defaultProvider: 'bare', providers: { bare: chat() } });
  assert.equal(routed('vscode/gpt-5', takesAll), 'vscode → gpt-5');
  assert.equal(routed('VSCode/copilot/x', takesAll), 'vscode → copilot/x');
  const chosen = config({ ...several, currentModel: 'vscode/gpt-5' });
  assert.equal(routed('opencodex/current', chosen), 'vscode → gpt-5');
});

test('reserved names without a slash are ordinary model names', () => {
  assert.equal(routed('opencodex', several), 'main → opencodex');
  assert.equal(routed('vscode', several), 'main → vscode');
});

test('odd names do no harm', () => {
  for (const name of ['__proto__', 'constructor', 'toString', ' ', '…', 'a'.repeat(10_000)]) {
    assert.equal(routed(name, several), `main → ${name}`);
  }
  for (const name of ['__proto__/x', 'constructor/x', '/x', '/', 'FIRST/x', ' first/x']) {
    assert.equal(routed(name, several), 'unknown_model', name);
  }
  assert.equal(routed('', several), 'unknown_model');
  assert.equal(routed('first/', several), 'unknown_model');
});

test('a message shows a strange name shortened and without control characters', () => {
  const message = refusal(`${'x\u0000\u001b[31m\u202e'.repeat(40)}/y`, several);
  assert.doesNotMatch(message, /\p{C}/u);
  assert.ok(message.length < 500);
});

test('a default provider that is not configured is said plainly', () => {
  const lost = config({ ...several, defaultProvider: 'lost' });
  assert.match(refusal('something-new', lost), /default provider "lost"/);
  assert.match(refusal('opencodex/current', lost), /default provider "lost"/);
  assert.equal(routed('first/x', lost), 'first → x');
  assert.match(refusal('x', config({ defaultProvider: 'lost', providers: {} })), /add one/);
});

test('disabled models are hidden, not refused', () => {
  const hidden = config({ ...several, disabledModels: ['first/listed'] });
  assert.equal(routed('first/listed', hidden), 'first → listed');
  assert.equal(routed('listed', hidden), 'first → listed');
});

test('a provider that cannot be used is refused with the reason when named, and is no match otherwise', () => {
  const portal = {
    adapter: 'openai-chat',
    baseUrl: 'https://portal.qwen.ai/v1',
    models: ['qwen-x'],
  };
  const ended = config({
    defaultProvider: 'main',
    providers: { 'qwen-portal': portal, main: chat() },
  });
  assert.match(refusal('qwen-portal/qwen-x', ended), /^Qwen Portal: it ended/);
  assert.equal(routed('qwen-portal/qwen-x', ended), 'rejected');
  assert.equal(routed('qwen-x', ended), 'main → qwen-x');
});

test('a changed config is routed afresh, the same one always alike', () => {
  const before = config({ defaultProvider: 'a', providers: { a: chat(), b: chat() } });
  const after = config({ defaultProvider: 'b', providers: { a: chat(), b: chat() } });
  assert.equal(routed('x', before), 'a → x');
  assert.equal(routed('x', after), 'b → x');
  assert.equal(routed('x', before), 'a → x');
  const first = routeModel('a/x', before);
  const second = routeModel('a/y', before);
  assert.ok(first.ok && second.ok && first.route.provider === second.route.provider);
});

test('a provider that is switched off is refused by name and passed over for bare names', () => {
  const to = config({
    defaultProvider: 'main',
    providers: {
      main: chat({ models: ['shared'] }),
      off: chat({ label: 'Off', enabled: false, defaultModel: 'own', models: ['own', 'shared'] }),
    },
  });
  assert.match(refusal('off/own', to), /^Off: it is switched off\. Switch it on in the dashboard/);
  assert.equal(routed('own', to), 'main → own');
  assert.equal(routed('shared', to), 'main → shared');
  assert.deepEqual(
    listModels(to).map(({ id }) => id),
    ['main/shared'],
  );
});

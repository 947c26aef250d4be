import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultConfig } from '../../src/config/schema.ts';
import { parseConfig } from '../../src/config/text.ts';

const provider = (fields: string) =>
  `{"providers": {\n  "acme": {"adapter": "openai-chat", "baseUrl": "https://api.acme.test/v1"${fields}}}}`;

function parsed(text: string) {
  const result = parseConfig('config.json', text);
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.config;
}

describe('a valid config.json', () => {
  it('that is an empty object means the default: the ChatGPT login is relayed to OpenAI', () => {
    assert.deepEqual(parsed('{}'), defaultConfig);
    assert.deepEqual(defaultConfig.providers, {
      openai: {
        adapter: 'openai-responses',
        baseUrl: 'https://chatgpt.com/backend-api/codex',
        authMode: 'forward',
      },
    });
    assert.equal(defaultConfig.defaultProvider, 'openai');
    assert.equal(defaultConfig.modelCacheTtlMs, 300_000);
    assert.equal(defaultConfig.port, undefined);
    assert.equal(defaultConfig.subagentModels, undefined);
  });

  it('keeps every documented field', () => {
    const fields = {
      port: 12345,
      providers: {
        acme: {
          adapter: 'openai-chat',
          baseUrl: 'https://api.acme.test/v1',
          label: 'Acme',
          enabled: false,
          authMode: 'oauth',
          apiKey: '$ACME',
          keySource: 'vault',
          defaultModel: 'a-1',
          models: ['a-1', 'a-2'],
          headers: { 'x-team': 'research' },
          noReasoningModels: ['a-1'],
          noVisionModels: [],
          passthrough: false,
          quirks: {
            chat: { tokenField: 'max_completion_tokens', efforts: ['low', 'max'] },
            rewriteIdentity: false,
            extraBody: { top_k: 40, nested: { list: [1, null, true] } },
          },
        },
      },
      defaultProvider: 'acme',
      currentModel: 'acme/a-1',
      subagentModels: [],
      disabledModels: ['acme/a-2'],
      chatHiddenModels: ['acme/a-1'],
      fallbacks: { 'acme/a-1': ['acme/a-2'] },
      modelCacheTtlMs: 0,
      webSearchSidecar: {
        enabled: false,
        model: 'w',
        reasoning: 'high',
        backends: ['service'],
        service: { name: 'searxng', baseUrl: 'http://localhost:8888' },
        maxSearchesPerTurn: 1,
        timeoutMs: 5,
      },
      visionSidecar: { enabled: true, model: 'v', timeoutMs: 6 },
      allowAnthropicLogin: true,
    };
    assert.deepEqual(parsed(JSON.stringify(fields)), fields);
  });

  it('without providers still has the default one; with an empty list it has none', () => {
    assert.deepEqual(Object.keys(parsed('{"port": 10200}').providers), ['openai']);
    assert.deepEqual(parsed('{"providers": {}}').providers, {});
  });

  it('fills in what a sidecar leaves out', () => {
    assert.deepEqual(parsed('{"webSearchSidecar": {"maxSearchesPerTurn": 1}}').webSearchSidecar, {
      model: 'gpt-5.4-mini',
      reasoning: 'low',
      backends: ['provider', 'chatgpt', 'service'],
      maxSearchesPerTurn: 1,
      timeoutMs: 30_000,
    });
  });

  it('may begin with a byte order mark and have fields of a later version', () => {
    assert.equal(parsed('\uFEFF{"port": 1, "fromTheFuture": {"x": 1}}').port, 1);
    assert.equal(parsed(provider(', "later": 1')).providers['acme']?.adapter, 'openai-chat');
  });

  it('may have a blank key, as local servers take it', () => {
    assert.equal(parsed(provider(', "apiKey": ""')).providers['acme']?.apiKey, '');
  });
});

describe('an invalid config.json', () => {
  // ▸ marks the place that the message must name.
  const cases: readonly [what: string, marked: string, says: string, field?: string][] = [
    ['is empty', '▸ \n', 'The file is empty. Delete it, or write {} into it.'],
    ['ends too soon', '{"port": 1▸', 'A closing brace } is missing.'],
    ['has a comment', '{\n  ▸// mine\n}', 'JSON has no comments.'],
    [
      'has a comma too many',
      '{\n  "port": 1,\n▸}',
      'A name in double quotes is expected here (JSON allows no comma after the last entry).',
    ],
    ['lacks a comma', '{\r\n  "port": 1\r\n  ▸"x": 2\r\n}', 'A comma is expected here.'],
    ['has single quotes', "{▸'port': 1}", 'This is not JSON: text belongs in double quotes.'],
    [
      'has a Windows path without escapes',
      '{"x": ▸"C:\\Users"}',
      'A backslash here starts no valid escape; in JSON a backslash is written twice.',
    ],
    ['is a list', '▸[]', 'The configuration must be an object: { … }.'],
    ['has a wrong type', '{\n  "port": ▸"10100"\n}', 'must be a number, not a string.', 'port'],
    ['has a broken number', '{"port": ▸1.5}', 'must be a whole number, not 1.5.', 'port'],
    ['has a port out of range', '{"port": ▸70000}', 'must be at most 65535.', 'port'],
    ['has a name twice', '\uFEFF{"port": 1,\n ▸"port": 2}', 'is there twice.', 'port'],
    [
      'has an error behind a byte order mark',
      '\uFEFF{▸x}',
      'This is not JSON: text belongs in double quotes.',
    ],
    [
      'has an unknown adapter',
      provider('}, "b": {"adapter": ▸"openai", "baseUrl": "http://localhost"'),
      'must be one of "openai-chat", "openai-responses", "anthropic", "google", "azure", not "openai".',
      'providers.b.adapter',
    ],
    [
      'lacks a required field',
      '{"providers": {"acme": ▸{"adapter": "google"}}}',
      'is missing.',
      'providers.acme.baseUrl',
    ],
    [
      'has an address that is none',
      '{"providers": {"acme": {"adapter": "google", "baseUrl": ▸"localhost:80"}}}',
      'must be an http or https address without a user name.',
      'providers.acme.baseUrl',
    ],
    [
      'has credentials in an address',
      '{"providers": {"acme": {"adapter": "google", "baseUrl": ▸"https://u:secret@acme.test"}}}',
      'must be an http or https address without a user name.',
      'providers.acme.baseUrl',
    ],
    [
      'uses a reserved name',
      '{"providers": {▸"VSCode": {"adapter": "google", "baseUrl": "https://a.test"}}}',
      'is reserved: OpenCodex uses this name in its own model ids.',
      'providers.VSCode',
    ],
    [
      'has a slash in a name',
      '{"providers": {▸"a/b": {"adapter": "google", "baseUrl": "https://a.test"}}}',
      'must not be empty or contain a slash or a blank.',
      'providers["a/b"]',
    ],
    [
      'has a wrong list entry',
      provider(', "models": ["a", ▸3]'),
      'must be a string, not a number.',
      'providers.acme.models[1]',
    ],
    [
      'has an impossible header',
      provider(', "headers": {▸"x y": "1"}'),
      'is not a valid header name.',
      'providers.acme.headers["x y"]',
    ],
    [
      'has a quirk that does not exist in that form',
      provider(', "quirks": {"chat": {"toolChoice": ▸"none"}}'),
      'must be one of "all", "words", "auto", not "none".',
      'providers.acme.quirks.chat.toolChoice',
    ],
    [
      'lists six sub-agent models',
      '{"subagentModels": ▸["a","b","c","d","e","f"]}',
      'must have at most 5 entries.',
      'subagentModels',
    ],
    [
      'names a model as its own fallback',
      '{"fallbacks": ▸{"a/x":["b/y","a/x"]}}',
      'must not name a model as its own fallback.',
      'fallbacks',
    ],
    [
      'names a fallback twice',
      '{"fallbacks": {"a/x": ▸["b/y","b/y"]}}',
      'must not name a model twice.',
      'fallbacks["a/x"]',
    ],
  ];
  for (const [what, marked, says, field] of cases) {
    it(`that ${what} says where and what`, () => {
      const before = marked.slice(0, marked.indexOf('▸')).replace('\uFEFF', '').split(/\r?\n/);
      const line = before.length;
      const column = (before.at(-1)?.length ?? 0) + 1;
      const result = parseConfig('/home/me/config.json', marked.replace('▸', ''));
      assert.ok(!result.ok);
      const sentence = field === undefined ? says : `${field} ${says}`;
      assert.deepEqual(result.error, {
        path: '/home/me/config.json',
        line,
        column,
        field,
        message: `/home/me/config.json, line ${line}, column ${column}: ${sentence}`,
      });
    });
  }

  it('never has its secrets quoted', () => {
    for (const text of [
      provider(', "apiKey": ["canary-key"]'),
      provider(', "apiKey": canary-key'),
      provider(', "apiKey": "canary-key'),
      provider(', "headers": {"authorization": {"canary-key": 1}}'),
      provider(', "headers": {"authorization": "canary-key\\n"}'),
      provider(', "keySource": "vault", "apiKey": "canary-key", "models": 3'),
    ]) {
      const result = parseConfig('config.json', text);
      assert.ok(!result.ok);
      assert.doesNotMatch(JSON.stringify(result.error), /canary/);
    }
  });
});

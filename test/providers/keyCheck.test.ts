import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { draftProvider } from '../../src/providers/addProvider.ts';
import { catalog } from '../../src/providers/catalog.ts';
import { checkKey, type KeyVerdict } from '../../src/providers/keyCheck.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { resolveProvider } from '../../src/providers/resolve.ts';
import type { WebAnswer, WebCall, WebRequest } from '../../src/providers/webCall.ts';
import { type KeyService, keyServices, serve, world } from './keyServices.ts';

const goodKey = 'good-key-0123456789-abcdef';
const badKey = 'bad-key-9876543210-fedcba';

function providerOf(id: string, service: KeyService | undefined, more: object = {}): Provider {
  const draft = draftProvider({
    preset: id,
    id: id === 'custom' ? 'mine' : id,
    apiKey: goodKey,
    values: service?.values ?? {},
    ...more,
  });
  assert.ok(draft.ok, draft.ok ? '' : draft.message);
  return resolveProvider(draft.id, draft.entry);
}

function check(
  provider: Provider,
  key: string | undefined,
  answer: (request: WebRequest) => readonly [number, string, string?],
): Promise<{ readonly verdict: KeyVerdict; readonly requests: readonly WebRequest[] }> {
  const { call, requests } = world(answer);
  return checkKey(provider, key, { call, version: '1.2.3' }).then((verdict) => ({
    verdict,
    requests,
  }));
}

function reasonOf(verdict: KeyVerdict, kind: 'refused' | 'unchecked'): string {
  assert.ok(verdict.kind !== 'valid' && verdict.kind === kind, JSON.stringify(verdict));
  assert.ok(!verdict.reason.includes(goodKey) && !verdict.reason.includes(badKey), verdict.reason);
  assert.match(verdict.reason, /^[A-Z].+\.$/i);
  return verdict.reason;
}

const page = '<!doctype html><html><head><title>Sign in to Wi-Fi</title></head></html>';

test('every entry of the catalog has its service here, or a reason to have none', () => {
  const without = ['openai', 'cloudflare-ai-gateway', 'qwen-portal', 'parallel'];
  assert.deepEqual(
    [...Object.keys(keyServices), ...without].sort(),
    catalog.map((entry) => entry.id).sort(),
  );
});

for (const [id, service] of Object.entries(keyServices)) {
  describe(id, () => {
    const provider = providerOf(id, service);

    test('a good key is good, and travels in its header to its address alone', async () => {
      const { verdict, requests } = await check(provider, goodKey, serve(service, goodKey));
      assert.deepEqual(verdict, { kind: 'valid' });
      const withKey = requests.filter(({ headers }) => JSON.stringify(headers).includes(goodKey));
      assert.equal(withKey.length, 1);
      for (const { url, headers } of requests) {
        assert.equal(url, service.url);
        assert.equal(headers?.['user-agent'], 'opencodex-vscode/1.2.3');
      }
    });

    test('a bad key is refused, in the words of the provider and without the key', async () => {
      const { verdict } = await check(provider, badKey, serve(service, goodKey));
      const reason = reasonOf(verdict, 'refused');
      assert.ok(reason.startsWith(`${provider.label} refused the key (`), reason);
      assert.match(reason, /\(\d{3}: \w+/, 'what the provider said is kept');
    });

    const silences: Readonly<Record<string, readonly [number, string, string?]>> = {
      'a block of the network': [
        403,
        '{"error":{"message":"Access denied. Please check your network settings."}}',
      ],
      'a firewall': [403, 'error code: 1010'],
      'a region that is not served': [
        400,
        '{"error":{"status":"FAILED_PRECONDITION","message":"User location is not supported"}}',
      ],
      'a redirect': [302, '', 'https://login.example.net/?next=1'],
      'a redirect to TLS': [308, '', 'https://elsewhere.example.net/v1/models'],
      'a captive portal': [200, page],
      'a proxy that wants a sign-in': [407, page],
      'a page with status 401': [401, page],
      'a page that says it is JSON': [401, '<html><title>Blocked</title></html>'],
      'a page with status 403': [403, page],
      'plain text': [200, 'ok'],
      'an error with status 200': [200, '{"error":{"message":"Unexpected endpoint"}}'],
      'nothing at all': [404, ''],
      'too many requests': [429, '{"error":{"message":"slow down"}}'],
      'no credit': [402, '{"error":{"message":"add credits"}}'],
      'a failure': [503, '{"error":{"message":"overloaded"}}'],
    };
    test("what is not the provider's word on the key says nothing", async () => {
      for (const [name, answer] of Object.entries(silences)) {
        const { verdict, requests } = await check(provider, badKey, () => answer);
        assert.equal(verdict.kind, 'unchecked', `${name}: ${JSON.stringify(verdict)}`);
        reasonOf(verdict, 'unchecked');
        const home = new URL(service.url).hostname;
        for (const { url } of requests) assert.equal(new URL(url).hostname, home, name);
      }
    });

    test('an answer that everybody gets proves nothing', async () => {
      const { verdict } = await check(provider, badKey, () => [200, service.good]);
      assert.match(reasonOf(verdict, 'unchecked'), /without a key as well/);
    });

    test('a public list of models does not make a bad key a good one', async () => {
      const answer = serve(service, goodKey);
      const list = '{"data":[{"id":"some-model"}]}';
      const { verdict } = await check(provider, badKey, (request) =>
        /\/models(\?|$)/.test(request.url) &&
        request.method === 'GET' &&
        request.url !== service.url
          ? [200, list]
          : answer(request),
      );
      reasonOf(verdict, 'refused');
    });

    test('a service that cannot be reached is no verdict', async () => {
      for (const kind of ['unreachable', 'lost', 'timeout', 'too_large'] as const) {
        const call: WebCall = async (): Promise<WebAnswer> => ({
          ok: false,
          kind,
          sent: kind !== 'unreachable',
          message: 'this is why.',
        });
        const verdict = await checkKey(provider, badKey, { call, version: '1' });
        assert.match(reasonOf(verdict, 'unchecked'), /cannot be asked: this is why\.$/);
      }
    });
  });
}

test('a gateway without a check of its own says that there is none, and sends the key nowhere', async () => {
  const provider = providerOf('cloudflare-ai-gateway', {
    url: '',
    good: '',
    bad: [401, ''],
    values: { account: 'a1', gateway: 'default' },
  });
  const { verdict, requests } = await check(provider, goodKey, () => [200, '{}']);
  assert.match(reasonOf(verdict, 'unchecked'), /provider behind it/);
  assert.equal(requests.length, 0);
});

test('a restricted key of OpenAI is a good one', async () => {
  const provider = providerOf('openai-api', undefined);
  for (const [status, text] of [
    [401, 'You have insufficient permissions for this operation.'],
    [403, 'Missing scopes: api.model.read'],
  ] as const) {
    const body = JSON.stringify({ error: { message: text } });
    const { verdict } = await check(provider, goodKey, ({ headers }) =>
      headers?.['authorization'] === undefined
        ? [401, '{"error":{"message":"no key"}}']
        : [status, body],
    );
    assert.deepEqual(verdict, { kind: 'valid' });
  }
});

test('what is not the API of the provider is no good answer, even if only the key gets it', async () => {
  for (const body of ['ok', '"ok"', '', '{"success":false}', '{"error":"no"}']) {
    const { verdict } = await check(providerOf('mistral', undefined), goodKey, ({ headers }) =>
      headers?.['authorization'] === undefined ? [401, '{}'] : [200, body],
    );
    reasonOf(verdict, 'unchecked');
  }
});

test("MiniMax's missing cookie is no verdict on the key", async () => {
  const body = '{"base_resp":{"status_code":1004,"status_msg":"cookie is missing, log in again"}}';
  const { verdict } = await check(providerOf('minimax', undefined), goodKey, () => [200, body]);
  reasonOf(verdict, 'unchecked');
});

test('the check belongs to the host, whichever of its interfaces is configured', async () => {
  const cases: readonly (readonly [string, object, string])[] = [
    [
      'minimax',
      { baseUrl: 'https://api.minimax.io/anthropic', adapter: 'anthropic' },
      'https://api.minimax.io/v1/token_plan/remains',
    ],
    [
      'deepseek',
      { baseUrl: 'https://api.deepseek.com/anthropic', adapter: 'anthropic' },
      'https://api.deepseek.com/models',
    ],
    [
      'anthropic',
      { baseUrl: 'https://api.anthropic.com/v1' },
      'https://api.anthropic.com/v1/models?limit=1',
    ],
    [
      'azure',
      { baseUrl: 'https://acme.openai.azure.com' },
      'https://acme.openai.azure.com/openai/v1/models',
    ],
    ['moonshot', { baseUrl: 'https://api.moonshot.cn/v1' }, 'https://api.moonshot.cn/v1/models'],
    [
      'xiaomi',
      { baseUrl: 'https://token-plan-sgp.xiaomimimo.com/anthropic' },
      'https://token-plan-sgp.xiaomimimo.com/v1/models',
    ],
  ];
  for (const [id, more, url] of cases) {
    const { requests } = await check(providerOf(id, undefined, more), goodKey, () => [500, '']);
    assert.deepEqual(
      requests.map((request) => request.url),
      [url],
    );
    const header = id === 'azure' ? 'api-key' : id === 'anthropic' ? 'x-api-key' : 'authorization';
    assert.ok(requests[0]?.headers?.[header]?.includes(goodKey), id);
  }
});

test("somebody else's address never makes a key go to the host that its name stands for", async () => {
  const provider = providerOf('huggingface', undefined, { baseUrl: 'https://llm.acme.example/v1' });
  const { requests } = await check(provider, goodKey, () => [401, '{"error":"no"}']);
  assert.deepEqual(
    requests.map((request) => request.url),
    ['https://llm.acme.example/v1/models'],
  );
});

describe('a server of the user', () => {
  test('works with a blank key', async () => {
    const provider = resolveProvider('ollama', {
      adapter: 'openai-chat',
      baseUrl: 'http://localhost:11434/v1',
      authMode: 'key',
    });
    const { verdict, requests } = await check(provider, undefined, () => [200, '{"data":[]}']);
    assert.deepEqual(verdict, { kind: 'valid' });
    assert.equal(requests[0]?.headers?.['authorization'], undefined);
  });

  test("whose list is open is asked for something that is not: llama.cpp's /props", async () => {
    const provider = providerOf('llama-cpp', undefined);
    const open = (request: WebRequest): readonly [number, string] => {
      if (request.url.endsWith('/v1/models')) return [200, '{"data":[{"id":"m"}]}'];
      const key = request.headers?.['authorization'];
      return key === `Bearer ${goodKey}`
        ? [200, '{"default_generation_settings":{}}']
        : [401, '{"error":{"message":"Invalid API Key"}}'];
    };
    assert.deepEqual((await check(provider, goodKey, open)).verdict, { kind: 'valid' });
    reasonOf((await check(provider, badKey, open)).verdict, 'refused');
  });

  const typed: readonly (readonly [string, string])[] = [
    ['http://localhost:11434', 'http://localhost:11434/v1'],
    ['http://localhost:11434/v1/chat/completions', 'http://localhost:11434/v1'],
    ['http://localhost:11434/v1/models', 'http://localhost:11434/v1'],
    ['http://localhost:11434/v1/v1', 'http://localhost:11434/v1'],
    ['https://localhost:11434/v1', 'http://localhost:11434/v1'],
    ['https://localhost:11434', 'http://localhost:11434/v1'],
    ['http://localhost:11434/api', 'http://localhost:11434/v1'],
  ];
  for (const [wrong, right] of typed) {
    test(`${wrong} is told to be ${right}`, async () => {
      const provider = resolveProvider('mine', {
        adapter: 'openai-chat',
        baseUrl: wrong,
        authMode: 'key',
      });
      const { verdict } = await check(provider, undefined, ({ url }) =>
        url === `${right}/models` ? [200, '{"data":[]}'] : [404, '404 page not found'],
      );
      assert.equal(verdict.kind === 'unchecked' && verdict.betterBaseUrl, right);
      assert.match(
        reasonOf(verdict, 'unchecked'),
        new RegExp(`${right}: that is the base URL\\.$`),
      );
    });
  }

  test('a key goes along when the right address is looked for on its own origin only', async () => {
    const provider = resolveProvider('mine', {
      adapter: 'openai-chat',
      baseUrl: 'http://gateway.example/llm',
      authMode: 'key',
    });
    const { requests } = await check(provider, goodKey, () => [404, '']);
    assert.ok(requests.length > 2);
    for (const { url, headers } of requests) {
      const sent = headers?.['authorization'] !== undefined;
      assert.equal(sent, new URL(url).origin === 'http://gateway.example', url);
      assert.ok(!url.includes(goodKey));
    }
  });

  test('no server far away is looked for without TLS', async () => {
    const provider = resolveProvider('mine', {
      adapter: 'openai-chat',
      baseUrl: 'https://gateway.example.com/v1',
      authMode: 'key',
    });
    const { requests } = await check(provider, goodKey, () => [404, '']);
    assert.deepEqual(
      requests.filter(({ url }) => url.startsWith('http:')),
      [],
    );
  });
});

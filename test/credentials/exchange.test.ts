import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProviderConfig } from '../../src/config/schema.ts';
import { ExchangedTokens } from '../../src/credentials/exchange.ts';
import { upstreamHeaders } from '../../src/credentials/upstreamHeaders.ts';
import { resolveProvider } from '../../src/providers/resolve.ts';
import type { WebAnswer, WebCall, WebRequest } from '../../src/providers/webCall.ts';

/** Of no shape that is known, so that only remembering it hides it. */
const key = 'plain-words-as-a-long-lived-key';

const copilot = (more: Partial<ProviderConfig> = {}) =>
  resolveProvider('github-copilot', {
    adapter: 'openai-chat',
    baseUrl: 'https://api.githubcopilot.com',
    authMode: 'key',
    apiKey: key,
    ...more,
  });

const gitlab = (more: Partial<ProviderConfig> = {}) =>
  resolveProvider('gitlab-duo', {
    adapter: 'openai-responses',
    baseUrl: 'https://cloud.gitlab.com/ai/v1/proxy/openai/v1',
    authMode: 'key',
    apiKey: key,
    ...more,
  });

const sources = { env: {}, vault: new Map<string, string>(), token: 'local', version: '1.2.3' };

/** A seller of tokens, and what it was asked. Answers when `open` says so. */
function seller(answer: (sold: number, request: WebRequest) => readonly [number, object | string]) {
  const requests: WebRequest[] = [];
  let open = Promise.resolve();
  const call: WebCall = async (request): Promise<WebAnswer> => {
    requests.push(request);
    const sold = requests.length;
    await open;
    const [status, body] = answer(sold, request);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { ok: true, status, headers: {}, body: text };
  };
  return {
    call,
    requests,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      open = promise;
      return resolve;
    },
  };
}

const hour = 3600_000;
let clock = 1_800_000_000_000;
const now = (): number => clock;

async function headersOf(tokens: ExchangedTokens, provider: ReturnType<typeof copilot>) {
  const result = await tokens.headers(provider, sources);
  assert.ok(result?.ok, JSON.stringify(result));
  return result;
}

async function errorOf(tokens: ExchangedTokens, provider: ReturnType<typeof copilot>) {
  const result = await tokens.headers(provider, sources);
  assert.ok(result !== undefined && !result.ok);
  assert.ok(!result.error.message.includes(key), result.error.message);
  return result.error;
}

describe('exchanged tokens', () => {
  test('of 64 providers are kept, those that were bought last', async () => {
    const { call, requests } = seller(() => [
      200,
      { token: 'tid=1;exp=2', expires_at: clock / 1000 + 1800 },
    ]);
    const tokens = new ExchangedTokens(call, now);
    const all = Array.from({ length: 65 }, (_none, i) => ({ ...copilot(), id: `p${i}` }));
    for (const provider of all) await headersOf(tokens, provider);
    assert.equal(requests.length, 65);
    for (const provider of all.slice(1)) await headersOf(tokens, provider);
    assert.equal(requests.length, 65);
    for (const provider of all.slice(0, 1)) await headersOf(tokens, provider);
    assert.equal(requests.length, 66);
  });

  test('the key buys the token, and only the token goes to the provider', async () => {
    const { call, requests } = seller(() => [
      200,
      {
        token: 'tid=1;exp=2',
        expires_at: clock / 1000 + 1800,
        endpoints: { api: 'https://api.business.githubcopilot.com/' },
      },
    ]);
    const result = await headersOf(new ExchangedTokens(call, now), copilot());
    assert.deepEqual(result.headers, {
      'user-agent': 'opencodex-vscode/1.2.3',
      authorization: 'Bearer tid=1;exp=2',
    });
    assert.equal(result.baseUrl, 'https://api.business.githubcopilot.com');
    assert.deepEqual([...result.secrets], [key, 'tid=1;exp=2']);
    const [request] = requests;
    assert.equal(request?.url, 'https://api.github.com/copilot_internal/v2/token');
    assert.equal(request?.method, 'GET');
    assert.deepEqual(request?.headers, {
      accept: 'application/json',
      'user-agent': 'opencodex-vscode/1.2.3',
      authorization: `Bearer ${key}`,
    });
  });

  test("GitLab's headers come along, but none that would say who asks", async () => {
    const { call, requests } = seller(() => [
      201,
      {
        token: 'eyJ.direct.access',
        headers: {
          'X-Gitlab-Realm': 'saas',
          'X-Gitlab-Instance-Id': 'i1',
          Host: 'evil.example',
          'User-Agent': 'another client',
          Authorization: 'Bearer other',
          'Content-Length': '3',
          'x-bad': 'a\r\nb',
          'x-number': 3,
        },
      },
    ]);
    const provider = gitlab({ placeholders: { instance: 'https://git.acme.example/' } });
    const result = await headersOf(new ExchangedTokens(call, now), provider);
    assert.deepEqual(result.headers, {
      'user-agent': 'opencodex-vscode/1.2.3',
      'x-gitlab-realm': 'saas',
      'x-gitlab-instance-id': 'i1',
      authorization: 'Bearer eyJ.direct.access',
    });
    assert.equal(result.baseUrl, undefined);
    assert.equal(
      requests[0]?.url,
      'https://git.acme.example/api/v4/ai/third_party_agents/direct_access',
    );
    assert.equal(requests[0]?.method, 'POST');
  });

  test('many turns at once buy one token, and later ones use it until shortly before its end', async () => {
    const shop = seller((sold) => [200, { token: `t${sold}`, expires_at: clock / 1000 + 3600 }]);
    const tokens = new ExchangedTokens(shop.call, now);
    const release = shop.hold();
    const many = Array.from({ length: 20 }, () => headersOf(tokens, copilot()));
    release();
    for (const result of await Promise.all(many)) {
      assert.equal(result.headers['authorization'], 'Bearer t1');
    }
    clock += hour - 121_000;
    assert.equal((await headersOf(tokens, copilot())).headers['authorization'], 'Bearer t1');
    clock += 2_000;
    const again = await Promise.all([1, 2, 3].map(() => headersOf(tokens, copilot())));
    for (const { headers } of again) assert.equal(headers['authorization'], 'Bearer t2');
    assert.equal(shop.requests.length, 2);
  });

  test('without an expiry, or with one that is over already, it lasts the usual time', async () => {
    for (const expires of [undefined, clock / 1000 - 5]) {
      const shop = seller((sold) => [200, { token: `t${sold}`, expires_at: expires }]);
      const tokens = new ExchangedTokens(shop.call, now);
      await headersOf(tokens, copilot());
      clock += 1_379_000;
      await headersOf(tokens, copilot());
      assert.equal(shop.requests.length, 1);
      clock += 2_000;
      await headersOf(tokens, copilot());
      assert.equal(shop.requests.length, 2);
    }
  });

  test('a refused token is bought anew once, whoever else has noticed', async () => {
    const shop = seller((sold) => [200, { token: `t${sold}` }]);
    const tokens = new ExchangedTokens(shop.call, now);
    const [one, two] = await Promise.all([
      headersOf(tokens, copilot()),
      headersOf(tokens, copilot()),
    ]);
    const renewed = await Promise.all([one.renew?.(), two.renew?.()]);
    for (const result of renewed) {
      assert.ok(result?.ok);
      assert.equal(result.headers['authorization'], 'Bearer t2');
    }
    const late = await one.renew?.();
    assert.ok(late?.ok && late.headers['authorization'] === 'Bearer t2');
    assert.equal(shop.requests.length, 2);
  });

  test('another key buys another token', async () => {
    const shop = seller((sold) => [200, { token: `t${sold}` }]);
    const tokens = new ExchangedTokens(shop.call, now);
    await headersOf(tokens, copilot());
    const other = await headersOf(tokens, copilot({ apiKey: 'gho_another0123456789' }));
    assert.equal(other.headers['authorization'], 'Bearer t2');
  });

  test('an address of somebody else in the answer is not believed', async () => {
    for (const api of [
      'https://api.githubcopilot.com.evil.example',
      'http://api.githubcopilot.com',
      'https://user@api.githubcopilot.com',
      'https://api.githubcopilot.com:8443',
      'https://evil.example/api.githubcopilot.com',
    ]) {
      const { call } = seller(() => [200, { token: 't', endpoints: { api } }]);
      assert.equal(
        (await headersOf(new ExchangedTokens(call, now), copilot())).baseUrl,
        undefined,
        api,
      );
    }
  });

  test('every way to fail is a sentence, and the next turn tries again', async () => {
    const cases = [
      [
        401,
        { message: `Bad credentials ${key}` },
        'auth',
        /refused the key \(401: Bad credentials/,
      ],
      [403, { message: 'no seat' }, 'permission', /gives no token .*\(403: no seat\)/],
      [404, {}, 'permission', /404/],
      [302, '', 'rejected', /302/],
      [429, {}, 'rate_limit', /429/],
      [502, '<html></html>', 'upstream', /web page/],
      [200, { nothing: true }, 'rejected', /gives no token/],
      [200, { token: 'with a\nbreak' }, 'rejected', /gives no token/],
    ] as const;
    for (const [status, body, kind, words] of cases) {
      const shop = seller((sold) => (sold === 1 ? [status, body] : [200, { token: 't' }]));
      const tokens = new ExchangedTokens(shop.call, now);
      const error = await errorOf(tokens, copilot());
      assert.equal(error.kind, kind);
      assert.match(error.message, words);
      await headersOf(tokens, copilot());
    }
    const silent: WebCall = async () => ({
      ok: false,
      kind: 'timeout',
      sent: true,
      message: 'it did not answer in time.',
    });
    assert.equal((await errorOf(new ExchangedTokens(silent, now), copilot())).kind, 'network');
  });

  test('those who waited for a failure share it', async () => {
    const shop = seller(() => [503, {}]);
    const tokens = new ExchangedTokens(shop.call, now);
    const release = shop.hold();
    const many = Array.from({ length: 10 }, () => errorOf(tokens, copilot()));
    release();
    await Promise.all(many);
    assert.equal(shop.requests.length, 1);
  });

  test('no key, no variable, a metadata service: nothing is asked', async () => {
    const shop = seller(() => [200, { token: 't' }]);
    const tokens = new ExchangedTokens(shop.call, now);
    assert.match((await errorOf(tokens, copilot({ apiKey: '' }))).message, /no API key is set/);
    assert.match((await errorOf(tokens, copilot({ apiKey: '$NOT_SET' }))).message, /NOT_SET/);
    const astray = gitlab({ placeholders: { instance: 'http://169.254.169.254' } });
    assert.match((await errorOf(tokens, astray)).message, /never sent/);
    assert.equal(shop.requests.length, 0);
  });

  test('the key is not to be had for the base URL, nor for anything else that asks for headers', () => {
    const result = upstreamHeaders(copilot(), {}, sources);
    assert.ok(!result.ok);
    assert.match(result.error.message, /only buys a token/);
  });

  test('a provider at another address than the one the catalog knows takes its key as it is', async () => {
    const { call } = seller(() => [200, {}]);
    const provider = copilot({ baseUrl: 'https://relay.acme.example/copilot' });
    assert.equal(new ExchangedTokens(call).headers(provider, sources), undefined);
    assert.ok(upstreamHeaders(provider, {}, sources).ok);
  });

  test('what fills the address must be one', () => {
    assert.match(gitlab({ placeholders: { instance: 'gitlab' } }).unusable ?? '', /placeholders/);
    assert.equal(gitlab().unusable, undefined);
    assert.equal(copilot().unusable, undefined);
  });
});

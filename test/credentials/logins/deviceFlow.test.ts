import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loginDefinitions } from '../../../src/credentials/logins/definitions.ts';
import { runDeviceFlow } from '../../../src/credentials/logins/deviceFlow.ts';
import type { FlowResult, LoginStep } from '../../../src/credentials/logins/flow.ts';
import type { WebAnswer, WebRequest } from '../../../src/providers/webCall.ts';

type Scripted =
  | {
      readonly status: number;
      readonly body: object | string;
      readonly headers?: Record<string, string>;
    }
  | Extract<WebAnswer, { ok: false }>;

const device = {
  device_code: 'the-device-code',
  user_code: 'ABCD-1234',
  verification_uri: 'https://accounts.x.ai/oauth2/device',
  expires_in: 600,
  interval: 5,
};
const tokens = { access_token: 'a', refresh_token: 'r', token_type: 'bearer', expires_in: 3600 };
const pending = { status: 400, body: { error: 'authorization_pending' } };
const granted = { status: 200, body: tokens };
const lost = {
  ok: false,
  kind: 'lost',
  sent: true,
  message: 'the connection was closed.',
} as const;

interface Played {
  readonly result: FlowResult;
  readonly steps: readonly LoginStep[];
  /** When each request was sent, in seconds. */
  readonly at: readonly number[];
  readonly requests: readonly WebRequest[];
}

/** Plays a login in no time: the clock goes on when somebody sleeps. */
async function play(begin: Scripted, ...polls: Scripted[]): Promise<Played> {
  const definition = loginDefinitions.xai;
  const script: Scripted[] = [begin, ...polls];
  const steps: LoginStep[] = [];
  const requests: WebRequest[] = [];
  const at: number[] = [];
  let now = 0;
  const result = await runDeviceFlow({
    definition,
    endpoints: definition.endpoints,
    headers: {},
    signal: new AbortController().signal,
    remote: false,
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
    call: async (request) => {
      requests.push(request);
      at.push(now / 1000);
      const answer: Scripted = script.shift() ?? pending;
      if ('ok' in answer) return answer;
      const { status, body, headers } = answer;
      return {
        ok: true,
        status,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      };
    },
    show: (step) => void steps.push(step),
    onPaste: () => {},
    finishing: () => {},
  });
  return { result, steps, at, requests };
}

const begun = (changes: object = {}) => ({ status: 200, body: { ...device, ...changes } });

const sentence = ({ result }: Played) => (result.kind === 'failed' ? result.message : result.kind);

describe('a login with a device code', () => {
  test('asks at the interval until the user has agreed', async () => {
    const played = await play(begun(), pending, pending, granted);
    assert.equal(played.result.kind, 'granted');
    assert.deepEqual(played.at, [0, 5, 10, 15]);
    assert.deepEqual(played.steps, [
      { kind: 'device', url: device.verification_uri, urlWithCode: undefined, code: 'ABCD-1234' },
    ]);
    const scope = new URLSearchParams(played.requests[0]?.body).get('scope') ?? '';
    assert.ok(scope.includes('api:access') && scope.includes('offline_access'));
    assert.equal(
      new URLSearchParams(played.requests[1]?.body).get('device_code'),
      device.device_code,
    );
  });

  test('asks every five seconds where no interval is named, and never faster than each second', async () => {
    assert.deepEqual((await play(begun({ interval: undefined }), granted)).at, [0, 5]);
    assert.deepEqual((await play(begun({ interval: 0.1 }), pending, granted)).at, [0, 1, 2]);
  });

  test('slows down for good when asked to', async () => {
    const slower = { status: 400, body: { error: 'slow_down' } };
    assert.deepEqual(
      (await play(begun(), slower, pending, slower, granted)).at,
      [0, 5, 15, 25, 40],
    );
  });

  test('waits longer and longer through trouble, or as long as it is told', async () => {
    const broken = { status: 503, body: '<html>' };
    assert.deepEqual(
      (await play(begun(), broken, lost, broken, broken, broken, pending, granted)).at,
      [0, 5, 15, 35, 75, 135, 195, 200],
    );
    const busy = { status: 429, body: {}, headers: { 'retry-after': '90' } };
    assert.deepEqual((await play(begun(), busy, granted)).at, [0, 5, 95]);
  });

  test('ends with what happened', async () => {
    const denied = { status: 400, body: { error: 'access_denied' } };
    const expired = { status: 400, body: { error: 'expired_token' } };
    const other = { status: 400, body: { error: 'invalid_client' } };
    const garbled = { status: 400, body: '<html>' };
    assert.match(sentence(await play(begun(), denied)), /declined/);
    assert.match(sentence(await play(begun(), expired)), /code has expired/);
    assert.match(sentence(await play(begun(), other)), /HTTP 400, invalid_client/);
    assert.equal((await play(begun(), garbled, granted)).result.kind, 'granted');
    const twice = await play(begun(), garbled, garbled);
    assert.match(sentence(twice), /HTTP 400/);
    assert.equal(twice.requests.length, 3);
  });

  test('ends when the code is too old, without asking once more', async () => {
    const played = await play(begun({ expires_in: 12 }));
    assert.match(sentence(played), /code has expired/);
    assert.deepEqual(played.at, [0, 5, 10]);
  });

  test('says why it cannot begin', async () => {
    assert.equal((await play({ status: 404, body: '' })).result.kind, 'unavailable');
    const refused = { status: 400, body: { error: 'unauthorized_client' } };
    assert.equal((await play(refused)).result.kind, 'unavailable');
    assert.match(sentence(await play({ status: 500, body: '' })), /does not work right now/);
    const busy = { status: 429, body: '', headers: { 'retry-after': '30' } };
    assert.match(sentence(await play(busy)), /in 30 seconds/);
    assert.match(sentence(await play(lost)), /the connection was closed/);
    for (const nonsense of ['<html>', '[]', {}, { ...device, expires_in: 'never' }]) {
      assert.match(sentence(await play({ status: 200, body: nonsense })), /makes no sense/);
    }
  });

  test('T18: sends nobody to a page, or shows a code, that the service cannot have', async () => {
    const hostile = [
      { verification_uri: 'http://accounts.x.ai/oauth2/device' },
      { verification_uri: 'https://evil.test/device' },
      { verification_uri: 'https://accounts.x.ai.evil.test/device' },
      { verification_uri: 'https://accounts.x.ai@evil.test/device' },
      { verification_uri: 'https://accounts.x.ai:8443/device' },
      { verification_uri: 'javascript:alert(1)' },
      { verification_uri_complete: 'https://evil.test/device?user_code=ABCD-1234' },
      { user_code: '<b>ABCD</b>' },
      { user_code: 'ABCD 1234' },
      { user_code: 'A' },
      { user_code: 'A'.repeat(33) },
      { user_code: 'ABCD\u202e4321' },
    ];
    for (const changes of hostile) {
      const played = await play(begun(changes), granted);
      assert.match(sentence(played), /stopped before anything was opened/, JSON.stringify(changes));
      assert.deepEqual(played.steps, []);
      assert.equal(played.requests.length, 1);
    }
  });
});

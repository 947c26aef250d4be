import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  call,
  failure,
  finish,
  http,
  silenceBeforeHeaders,
  type Turn,
  text,
  usage,
} from '../support/script.ts';
import { startStack, wires } from './stack.ts';

interface Row {
  readonly turn: Turn;
  /** What the user reads. */
  readonly says: readonly RegExp[];
  /** What the user must not read. */
  readonly never?: RegExp;
  /** Requests that Codex may send. */
  readonly asks: readonly [least: number, most: number];
  /** Requests that the provider may get. */
  readonly posts: readonly [least: number, most: number];
}

const once = { asks: [1, 1], posts: [1, 1] } as const;
/** Codex asks again 3 times; the proxy may ask once more each time. */
const patiently = { asks: [2, 4], posts: [2, 12] } as const;

const openaiError = (
  message: string,
  type = 'invalid_request_error',
  code: string | null = null,
) => ({
  error: { message, type, param: null, code },
});

/** A provider that always answers so. Contract: permanent failures cost one request. */
const rows: Readonly<Record<string, Row>> = {
  'refuses the key': {
    turn: http(401, openaiError('Incorrect API key provided.', undefined, 'invalid_api_key')),
    says: [/sim/i, /Incorrect API key provided/],
    ...once,
  },
  'refuses the right': {
    turn: http(403, openaiError('Your project may not use this model.')),
    says: [/sim/i, /may not use this model/],
    ...once,
  },
  'does not know the model': {
    turn: http(404, openaiError('The model does not exist.', undefined, 'model_not_found')),
    says: [/sim/i, /model does not exist/],
    ...once,
  },
  'finds a fault in the request': {
    turn: http(400, openaiError("Invalid schema for function 'x'.")),
    says: [/sim/i, /Invalid schema for function 'x'/],
    ...once,
  },
  'cannot read the request': {
    turn: http(422, { detail: [{ msg: 'field required', loc: ['body', 'x'] }] }),
    says: [/sim/i, /field required/],
    ...once,
  },
  'wants payment': {
    turn: http(402, openaiError('Insufficient balance.')),
    says: [/sim/i, /Insufficient balance/],
    ...once,
  },
  'says that the quota is used up': {
    turn: http(
      429,
      openaiError('You exceeded your quota.', 'insufficient_quota', 'insufficient_quota'),
    ),
    says: [/sim/i, /You exceeded your quota/],
    ...once,
  },
  'finds the conversation too long': {
    turn: http(
      400,
      openaiError(
        "This model's maximum context length is 8192 tokens.",
        undefined,
        'context_length_exceeded',
      ),
    ),
    says: [/ran out of room in the model's context window/],
    ...once,
  },
  'limits the rate': {
    turn: http(429, openaiError('Slow down, please.', 'rate_limit_error'), { 'retry-after': '1' }),
    says: [/Slow down, please/],
    ...patiently,
  },
  'is overloaded': {
    turn: http(503, openaiError('The engine is overloaded.', 'server_error')),
    says: [/engine is overloaded/],
    ...patiently,
  },
  'fails inside': {
    turn: http(500, openaiError('The server had an error.', 'server_error')),
    says: [/sim/i, /The server had an error/],
    never: /high demand/,
    ...patiently,
  },
  'answers with a page': {
    turn: http(
      502,
      '<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>',
    ),
    says: [/sim/i, /502/],
    never: /<html|<h1/,
    ...patiently,
  },
  'answers 200 with a page': {
    turn: http(200, '<!doctype html><title>Sign in</title>'),
    says: [/sim/i],
    never: /<!doctype/,
    asks: [1, 4],
    posts: [1, 12],
  },
  'answers 200 with nothing': {
    turn: http(200, '', { 'content-type': 'text/event-stream' }),
    says: [/sim/i],
    asks: [1, 4],
    posts: [1, 12],
  },
  'fails in the middle of its answer': {
    turn: [text('I was about to'), failure('The worker died.')],
    says: [/sim/i, /The worker died/],
    ...patiently,
  },
};

for (const wire of wires) {
  // Most of their time these wait.
  describe(`a provider over ${wire.name} that`, { concurrency: 4 }, () => {
    for (const [what, row] of Object.entries(rows)) {
      test(`${what} is quoted, and not stormed`, async (t) => {
        const { provider, proxy, codex } = await startStack(t, wire, { faulty: true });
        provider.playAlways(row.turn);
        const run = await codex.exec('Hello');
        assert.equal(run.code, 1, String(run));
        for (const words of row.says) assert.match(run.failure ?? '', words);
        if (row.never !== undefined) assert.doesNotMatch(run.failure ?? '', row.never);
        assert.doesNotMatch(String(run), new RegExp(provider.apiKey));
        within(proxy.proxy.snapshot().requests.length, row.asks, 'requests of Codex');
        within(provider.posts, row.posts, 'requests at the provider');
      });
    }

    test('asks to wait is asked once more, after that time', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      const limited = http(429, openaiError('Slow down.', 'rate_limit_error'), {
        'retry-after': '2',
      });
      let first = 0;
      provider.play(
        () => {
          first = Date.now();
          return limited;
        },
        () => {
          assert.ok(Date.now() - first >= 1990, `asked again after ${Date.now() - first} ms`);
          return [text('Now.')];
        },
      );
      const run = await codex.exec('Hello');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Now.']);
    });

    test('runs out of tokens in a tool call runs no half call', async (t) => {
      const { provider, codex } = await startStack(t, wire, { faulty: true });
      provider.playAlways([
        call('exec_command', '{"cmd":"echo half > half.tx'),
        finish('length'),
        usage({ input: 10, output: 4096 }),
      ]);
      const run = await codex.exec('Write');
      assert.equal(run.code, 1, String(run));
      assert.match(run.failure ?? '', /incomplete|token/i);
      assert.deepEqual(run.items('command_execution'), []);
      assert.equal(provider.posts, 1);
    });

    test('withholds its answer ends the turn with the words it gave', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      provider.play([text('I would rather not.'), finish('content_filter')]);
      const run = await codex.exec('Hello');
      assert.equal(run.code, 0, String(run));
      assert.match(run.messages.join(' '), /I would rather not\./);
    });

    test('is not there is named', async (t) => {
      const { proxy, codex } = await startStack(t, wire, {
        entry: { baseUrl: 'http://127.0.0.1:9/v1' },
      });
      const run = await codex.exec('Hello');
      assert.equal(run.code, 1, String(run));
      assert.match(run.failure ?? '', /sim/i);
      within(proxy.proxy.snapshot().requests.length, [1, 4], 'requests of Codex');
    });

    test('has no key names the variable that is not set', async (t) => {
      const { provider, codex } = await startStack(t, wire, {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how config.json names a variable
        entry: { apiKey: '${SIM_API_KEY}' },
      });
      const run = await codex.exec('Hello');
      assert.equal(run.code, 1, String(run));
      assert.match(run.failure ?? '', /SIM_API_KEY/);
      assert.equal(provider.posts, 0);
    });

    test('nobody configured is named', async (t) => {
      const { provider, proxy, codex } = await startStack(t, wire, {
        codex: { model: 'opencodex/nobody' },
      });
      const run = await codex.exec('Hello');
      assert.equal(run.code, 1, String(run));
      assert.match(run.failure ?? '', /nobody/);
      assert.equal(provider.posts, 0);
      within(proxy.proxy.snapshot().requests.length, [0, 1], 'requests of Codex');
    });

    test('takes its time before it refuses is quoted all the same', async (t) => {
      const { provider, codex } = await startStack(t, wire, {
        proxy: { keepAliveMs: 200 },
        faulty: true,
      });
      provider.playAlways([silenceBeforeHeaders(1000), failure('Too late for that.')]);
      const run = await codex.exec('Hello');
      assert.equal(run.code, 1, String(run));
      assert.match(run.failure ?? '', /Too late for that/);
    });
  });
}

function within(count: number, [least, most]: readonly [number, number], what: string): void {
  assert.ok(count >= least && count <= most, `${count} ${what}, not ${least} to ${most}`);
}

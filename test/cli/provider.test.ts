// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what users write in config.json
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { isJsonObject, parseJson } from '../../src/turn/json.ts';
import type { JsonObject } from '../../src/turn/turn.ts';
import { writeConfig } from '../support/configFile.ts';
import { serveIn } from '../support/listen.ts';
import { type OcxRun, runOcx } from '../support/ocx.ts';
import { testScope } from '../support/scope.ts';
import { startCommand } from '../support/terminal.ts';

const goodKey = 'canary-good-key-0123456789';
const badKey = 'canary-bad-key-9876543210';

/** A gateway with keys, a local server without, and what a mistyped address leads to. */
async function setUp(t: TestContext) {
  const scope = testScope(t);
  const home = scope.directory('home');
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    seen.push(`${url} ${headers.authorization ?? 'no key'}`);
    const json = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const list = { data: [{ id: 'small' }, { id: 'large' }, { id: 'text-embedding' }] };
    if (url === '/keyed/v1/models') {
      const key = headers.authorization?.replace('Bearer ', '');
      if (key === goodKey) json(200, list);
      else json(401, { error: { message: `No such key: ${key}` } });
    } else if (url === '/free/v1/models') json(200, list);
    else if (url === '/page/v1/models') {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<html><title>Hello</title></html>');
    } else if (url === '/moved/v1/models') {
      response.writeHead(302, { location: 'https://login.example.net/here?secret=1' }).end();
    } else response.writeHead(404).end('404 page not found');
  });
  const port = await serveIn(scope, server);
  const outputs: OcxRun[] = [];
  const ocx = async (
    args: readonly string[],
    { typed, env = {} }: { typed?: string; env?: Record<string, string> } = {},
  ): Promise<OcxRun> => {
    const run = await startCommand(scope, args, { home, env, typed }).ended;
    outputs.push(run);
    for (const text of [run.stdout, run.stderr]) {
      assert.ok(!text.includes(goodKey) && !text.includes(badKey), text);
      assert.doesNotMatch(text, /\n\s+at |secret=1/);
    }
    return run;
  };
  return {
    home,
    seen,
    ocx,
    base: `http://127.0.0.1:${port}`,
    file: join(home, 'config.json'),
    config: (): JsonObject => {
      const value = parseJson(readFileSync(join(home, 'config.json'), 'utf8'));
      assert.ok(isJsonObject(value));
      return value;
    },
    provider(id: string): JsonObject {
      const providers = this.config()['providers'];
      const entry = isJsonObject(providers) ? providers[id] : undefined;
      assert.ok(isJsonObject(entry), id);
      return entry;
    },
  };
}

function done(run: OcxRun, words: RegExp): void {
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, words);
}

function refused(run: OcxRun, words: RegExp): void {
  assert.equal(run.code, 1, run.stdout);
  assert.match(run.stderr, /(^|\n)ocx: .+\n$/);
  assert.match(run.stderr, words);
}

const mine = ['provider', 'add', 'custom', '--name', 'mine', '--base-url'];

describe('ocx provider add', () => {
  test('a local server works with a blank key', async (t) => {
    const world = await setUp(t);
    done(
      await world.ocx(['provider', 'add', 'ollama', '--base-url', `${world.base}/free/v1`]),
      /ollama answers\.\nAdded ollama/,
    );
    const entry = world.provider('ollama');
    assert.equal(entry['baseUrl'], `${world.base}/free/v1`);
    assert.equal(entry['adapter'], 'openai-chat');
    assert.ok(!('apiKey' in entry));
    assert.deepEqual(world.seen, ['/free/v1/models no key']);
    assert.equal(statSync(world.file).mode & 0o777, 0o600);
    const providers = world.config()['providers'];
    assert.deepEqual(Object.keys(isJsonObject(providers) ? providers : {}), ['openai', 'ollama']);
  });

  test('a key that is piped in is checked and stored; one that is refused is not', async (t) => {
    const world = await setUp(t);
    const add = [...mine, `${world.base}/keyed/v1`];
    refused(
      await world.ocx(add, { typed: `${badKey}\n` }),
      /mine refused the key \(401: No such key: \[redacted\]\)\. Nothing was stored/,
    );
    assert.ok(!existsSync(world.file));
    done(await world.ocx(add, { typed: `  ${goodKey}\n` }), /mine: the key is good\.\nAdded mine/);
    assert.equal(world.provider('mine')['apiKey'], goodKey);
    refused(await world.ocx(add, { typed: `${goodKey}\n` }), /there is a provider "mine" already/);
  });

  test('a variable is checked and stored by its name', async (t) => {
    const world = await setUp(t);
    const add = [...mine, `${world.base}/keyed/v1`, '--key-env', 'MY_KEY', '--default'];
    refused(await world.ocx(add, { env: { MY_KEY: badKey } }), /Nothing was stored/);
    done(await world.ocx(add, { env: { MY_KEY: goodKey } }), /the key is good/);
    assert.equal(world.provider('mine')['apiKey'], '${MY_KEY}');
    assert.equal(world.config()['defaultProvider'], 'mine');
  });

  test('what could not be checked is stored, and that is said with the reason', async (t) => {
    const world = await setUp(t);
    const stored = /Could not be checked, and is stored all the same\. /;
    const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
      ['unset', [`${world.base}/keyed/v1`, '--key-env', 'NOT_SET'], /environment variable NOT_SET/],
      ['page', [`${world.base}/page/v1`, '--no-key'], /web page titled "Hello" answers in place/],
      [
        'moved',
        [`${world.base}/moved/v1`, '--no-key'],
        /redirects to https:\/\/login\.example\.net\/here \(302\)/,
      ],
      ['closed', ['http://127.0.0.1:1/v1', '--no-key'], /nothing listens there/],
      ['open', [`${world.base}/free/v1`, '--key-stdin'], /without a key as well/],
    ];
    for (const [name, flags, reason] of cases) {
      const run = await world.ocx(
        ['provider', 'add', 'custom', '--name', name, '--base-url', ...flags],
        { typed: `${badKey}\n` },
      );
      done(run, stored);
      assert.match(run.stdout, reason);
      assert.ok(world.provider(name));
    }
  });

  test('a mistyped address is told the right one, and nothing is stored until it is taken', async (t) => {
    const world = await setUp(t);
    const right = `${world.base}/free/v1`;
    const typed = [
      `${world.base}/free`,
      `${right}/chat/completions`,
      right.replace('http:', 'https:'),
    ];
    for (const wrong of typed) {
      const run = await world.ocx([...mine, wrong, '--no-key']);
      refused(run, new RegExp(`There is an API at ${right}: that is the base URL`));
      refused(run, /Nothing was stored\. Give --base-url/);
      assert.ok(!existsSync(world.file));
    }
    done(
      await world.ocx([...mine, `${world.base}/free`, '--no-key'], { typed: 'y\n' }),
      /Added mine/,
    );
    assert.equal(world.provider('mine')['baseUrl'], right);
  });

  test('nonsense is answered with a sentence', async (t) => {
    const world = await setUp(t);
    const [, ...add] = mine;
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['add', 'nobody'], /no provider "nobody" in the catalog/],
      [['add', 'qwen-portal'], /ended on 15 April 2026.*alibaba-token-plan/],
      [['add', 'parallel'], /ignore tools/],
      [[...add, 'gateway.example/v1', '--no-key'], /"baseUrl" must be an http or https address/],
      [[...add, `${world.base}/free/v1`, '--no-key', '--adapter', 'grpc'], /--adapter is one of/],
      [['add', 'deepseek', '--no-key'], /needs an API key.*platform\.deepseek\.com/],
      [['add', 'deepseek'], /needs an API key.*--key-env/],
      [['add', 'azure', '--key-env', 'K'], /--set resource=/],
      [['add', 'deepseek', '--set', 'a=b'], /takes no --set/],
      [['wipe'], /there is no "provider wipe"/],
    ];
    await Promise.all(
      cases.map(async ([args, words]) => refused(await world.ocx(['provider', ...args]), words)),
    );
    assert.ok(!existsSync(world.file));
    assert.deepEqual(world.seen, []);
  });

  test("text-only and no-reasoning models of the catalog are copied to the user's file", async (t) => {
    const world = await setUp(t);
    done(
      await world.ocx([
        'provider',
        'add',
        'ollama-cloud',
        '--base-url',
        `${world.base}/free/v1`,
        '--key-env',
        'NOT_SET',
      ]),
      /Added ollama-cloud/,
    );
    const entry = world.provider('ollama-cloud');
    const names = (field: string): readonly unknown[] => {
      const list = entry[field];
      return Array.isArray(list) ? list : [];
    };
    for (const model of [
      'glm-5.2',
      'deepseek-v4-pro',
      'gpt-oss',
      'qwen3-coder',
      'minimax-m2',
      'nemotron-3-super',
    ]) {
      assert.ok(names('noVisionModels').includes(model), model);
    }
    for (const model of ['kimi-k2.6', 'minimax-m3', 'gemma4:31b', 'qwen3.5:397b']) {
      assert.ok(!names('noVisionModels').includes(model), model);
    }
    assert.ok(names('noReasoningModels').includes('kimi-k2.6'));
  });

  test('a key of another provider draws a warning', async (t) => {
    const world = await setUp(t);
    const key = 'sk-ant-canary-0123456789';
    const run = await world.ocx([...mine, `${world.base}/keyed/v1`], { typed: `${key}\n` });
    refused(run, /Warning: This looks like a key of Anthropic, and it would be sent to mine/);
    assert.ok(!run.stderr.includes(key));
  });
});

describe('ocx provider', () => {
  test('says which one is not used, and why', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    writeConfig(home, {
      providers: {
        off: { adapter: 'openai-chat', baseUrl: 'https://api.test/v1', enabled: false },
      },
    });
    done(
      await runOcx(scope, ['provider', 'list'], { home }),
      /off\n.*\n.*\n {4}not used: it is switched off/,
    );
  });

  test('lists, tests, makes the default, removes', async (t) => {
    const world = await setUp(t);
    await world.ocx([...mine, `${world.base}/keyed/v1`, '--key-env', 'MY_KEY'], {
      env: { MY_KEY: goodKey },
    });
    const listed = await world.ocx(['provider', 'list']);
    done(
      listed,
      /openai, the default\n[\s\S]*mine\n {4}openai-chat at .*\n {4}API key: the environment variable MY_KEY is not set here/,
    );
    done(
      await world.ocx(['provider', 'list', '--all']),
      /deepseek +DeepSeek\n[\s\S]*parallel +Parallel \(not usable/,
    );
    done(
      await world.ocx(['provider', 'test', 'mine'], { env: { MY_KEY: goodKey } }),
      /mine: the key is good/,
    );
    refused(
      await world.ocx(['provider', 'test', 'mine'], { env: { MY_KEY: badKey } }),
      /refused the key/,
    );
    done(await world.ocx(['provider', 'test', 'mine']), /Could not be checked\..*MY_KEY/);
    done(
      await world.ocx(['provider', 'test', 'openai']),
      /ChatGPT login; there is no key to check/,
    );
    refused(
      await world.ocx(['provider', 'test', 'nobody']),
      /no provider "nobody" in config\.json\. It has openai, mine/,
    );
    done(await world.ocx(['provider', 'default', 'mine']), /The default provider is mine/);
    done(
      await world.ocx(['provider', 'remove', 'mine']),
      /Removed mine\.\nThe default provider is openai/,
    );
    const { providers, defaultProvider } = world.config();
    assert.deepEqual(Object.keys(isJsonObject(providers) ? providers : {}), ['openai']);
    assert.equal(defaultProvider, 'openai');
  });

  test('key replaces a key by one that is piped in, by a variable, or by none', async (t) => {
    const world = await setUp(t);
    await world.ocx([...mine, `${world.base}/keyed/v1`, '--key-env', 'MY_KEY']);
    const key = ['provider', 'key', 'mine'];
    refused(await world.ocx(key, { typed: `${badKey}\n` }), /Nothing was stored/);
    assert.equal(world.provider('mine')['apiKey'], '${MY_KEY}');
    done(await world.ocx(key, { typed: `${goodKey}\n` }), /stored in config\.json/);
    assert.equal(world.provider('mine')['apiKey'], goodKey);
    done(
      await world.ocx([...key, '--key-env', '$OTHER'], { env: { OTHER: goodKey } }),
      /key is good/,
    );
    assert.equal(world.provider('mine')['apiKey'], '${OTHER}');
    refused(await world.ocx([...key, '--no-key']), /refused the key/);
    refused(
      await world.ocx(['provider', 'key', 'openai'], { typed: 'x\n' }),
      /Codex's ChatGPT login/,
    );
  });
});

describe('ocx models', () => {
  test('shows the live list, and without one what is configured and why', async (t) => {
    const world = await setUp(t);
    const env = { MY_KEY: goodKey };
    await world.ocx(
      [...mine, `${world.base}/keyed/v1`, '--key-env', 'MY_KEY', '--model', 'large'],
      { env },
    );
    const run = await world.ocx(['models', 'mine'], { env });
    assert.deepEqual([run.code, run.stdout], [0, 'mine/large (default)\nmine/small\n']);
    const refusedList = await world.ocx(['models'], { env: { MY_KEY: badKey } });
    assert.equal(refusedList.code, 0);
    assert.match(refusedList.stderr, /mine: .*401/);
    assert.match(refusedList.stdout, /^openai\/gpt-/);
    refused(await world.ocx(['models', 'nobody']), /no provider "nobody"/);
  });
});

describe('ocx init', () => {
  test('asks for everything it needs and connects Codex', async (t) => {
    const world = await setUp(t);
    const answers = ['custom', 'mine', `${world.base}/keyed/v1`, goodKey, 'small', '10222', 'y'];
    const run = await world.ocx(['init'], { typed: `${answers.join('\n')}\n` });
    done(run, /Codex uses the proxy/);
    const { currentModel, defaultProvider, port } = world.config();
    assert.deepEqual([currentModel, defaultProvider, port], ['mine/small', 'mine', 10222]);
    assert.match(readFileSync(join(world.home, 'config.toml'), 'utf8'), /127\.0\.0\.1:10222\/v1/);
  });

  test('takes every answer as a flag', async (t) => {
    const world = await setUp(t);
    const flags = [
      '--base-url',
      `${world.base}/free/v1`,
      '--model',
      'large',
      '--port',
      '10223',
      '--no-connect',
    ];
    done(await world.ocx(['init', 'ollama', ...flags]), /Start the proxy/);
    assert.equal(world.config()['currentModel'], 'ollama/large');
    assert.ok(!existsSync(join(world.home, 'config.toml')));
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiAnswer, ApiName } from '../../src/link/api.ts';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { type FakeAnswers, type FlowParts, flowParts } from './flow.ts';

const { addProvider } = await import('../../src/vscode/addProvider/addProvider.ts');
const { addressProblem, nameProblem } = await import('../../src/vscode/addProvider/address.ts');
const { keyHint } = await import('../../src/vscode/addProvider/credential.ts');
const { offerItems } = await import('../../src/vscode/addProvider/offerList.ts');

type Offer = ApiAnswer<'GET /api/key-providers'>['providers'][number];

const deepseek: Offer = {
  id: 'deepseek',
  label: 'DeepSeek',
  kind: 'key',
  aliases: [],
  adapter: 'openai-chat',
  baseUrl: 'https://api.deepseek.com',
  otherBaseUrls: [],
  asks: [],
  auth: ['key'],
  keyOptional: false,
  keyPage: 'https://platform.deepseek.com/api_keys',
  keyPrefixes: ['sk-'],
  keyCheck: true,
  defaultModel: 'deepseek-v4-pro',
  models: ['deepseek-v4-pro', 'deepseek-flash'],
  configuredAs: [],
};
const local: Offer = {
  ...deepseek,
  id: 'vllm',
  label: 'vLLM',
  kind: 'local',
  baseUrl: 'http://localhost:8000/v1',
  keyOptional: true,
  keyPrefixes: [],
  models: [],
};
const cloudflare: Offer = {
  ...deepseek,
  id: 'cloudflare',
  label: 'Cloudflare',
  kind: 'gateway',
  baseUrl: 'https://gateway.example/{account}/{gateway}',
  asks: [
    { name: 'account', prompt: 'Account' },
    { name: 'gateway', prompt: 'Gateway' },
  ],
};
const broken: Offer = {
  ...deepseek,
  id: 'parallel',
  label: 'Parallel',
  unusable: 'It has no tools.',
};

const custom: Offer = {
  ...local,
  id: 'custom',
  label: 'Any other',
  kind: 'custom',
  baseUrl: '{baseUrl}',
  asks: [{ name: 'baseUrl', prompt: 'Base URL' }],
};

const offers = [deepseek, local, cloudflare, broken, custom];
const key = 'sk-a-key-that-nobody-may-see';

const valid: FakeAnswers['POST /api/providers/check'] = () => ({ result: 'valid', message: '' });

function answers(change: FakeAnswers = {}): FakeAnswers {
  return {
    'GET /api/key-providers': () => ({ providers: offers }),
    'POST /api/providers/check': valid,
    'POST /api/providers': ({ id }) => ({ id }),
    'PUT /api/current-model': () => ({ ok: true }),
    ...change,
  };
}

/** A user who picks the first entry with one of these words in its label. */
function picks(...words: readonly string[]): void {
  const left = [...words];
  editor.pick = (items) => {
    const word = left.shift();
    return word === undefined ? undefined : items.find(({ label }) => label.includes(word));
  };
}

/** A user who types this for a key, and where the prompt has one of these words, what belongs to it. */
function types(credential: string, others: Readonly<Record<string, string>> = {}): void {
  editor.type = ({ title, prompt = '' }) => {
    if (title === undefined) return undefined;
    const word = Object.keys(others).find((known) => prompt.includes(known));
    return word === undefined ? credential : others[word];
  };
}

/** What one operation was asked with. */
function inputOf({ asked }: FlowParts, wanted: ApiName): unknown {
  return asked.find(({ name }) => name === wanted)?.input;
}

test('a key is checked, goes to the secret store and not into the request that adds', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers() });
  picks('DeepSeek', 'deepseek-v4-pro');
  editor.type = ({ title }) => (title?.includes('API Key') ? key : undefined);
  editor.press = ({ buttons }) => buttons.find((button) => button === 'Switch to It');
  await addProvider(parts);

  const [, check, add, current] = parts.asked;
  assert.deepEqual(check, {
    name: 'POST /api/providers/check',
    input: { id: 'deepseek', values: {}, entry: {}, key },
  });
  assert.deepEqual(add, {
    name: 'POST /api/providers',
    input: {
      id: 'deepseek',
      catalogId: 'deepseek',
      values: {},
      entry: { defaultModel: 'deepseek-v4-pro', keySource: 'vault' },
    },
  });
  assert.deepEqual(current?.input, { model: 'deepseek/deepseek-v4-pro' });
  assert.equal(parts.secrets.stored.get('provider:deepseek'), key);
});

test('a refused key keeps the box open with the reason, and nothing is stored before', async (t) => {
  const said: (string | undefined)[] = [];
  const verdicts = [
    { result: 'refused', message: 'DeepSeek refuses the key (401).' },
    { result: 'valid', message: '' },
  ] as const;
  let checks = 0;
  const parts = await flowParts(testScope(t), {
    answers: answers({
      'POST /api/providers/check': () => {
        assert.equal(parts.secrets.stored.size, 0);
        return verdicts[checks++] ?? assert.fail('asked a third time');
      },
    }),
  });
  picks('DeepSeek', 'deepseek-v4-pro');
  editor.type = ({ title, validationMessage }) => {
    if (title === undefined) return undefined;
    said.push(validationMessage);
    return key;
  };
  await addProvider(parts);
  assert.deepEqual(said, [undefined, 'DeepSeek refuses the key (401).']);
  assert.equal(parts.secrets.stored.get('provider:deepseek'), key);
});

test('a key that could not be checked is stored, and the user is told', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: answers({
      'POST /api/providers/check': () => ({ result: 'unknown', message: 'Nobody answered.' }),
    }),
  });
  picks('DeepSeek', 'Decide later');
  types(key);
  await addProvider(parts);
  assert.equal(parts.secrets.stored.size, 1);
  assert.match(editor.messages.at(-1)?.text ?? '', /DeepSeek is added\. Nobody answered\./);
});

test('an environment variable is named in the entry and never stored', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers() });
  picks('DeepSeek', 'deepseek-flash');
  types('$DEEPSEEK_API_KEY');
  await addProvider(parts);
  assert.deepEqual(inputOf(parts, 'POST /api/providers'), {
    id: 'deepseek',
    catalogId: 'deepseek',
    values: {},
    entry: { apiKey: '$DEEPSEEK_API_KEY', defaultModel: 'deepseek-flash' },
  });
  assert.equal(parts.secrets.stored.size, 0);
});

test('a local server needs its address and may do without a key', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers() });
  picks('vLLM', 'Decide later');
  types('', { address: 'http://localhost:9000/v1' });
  await addProvider(parts);
  assert.deepEqual(inputOf(parts, 'POST /api/providers'), {
    id: 'vllm',
    catalogId: 'vllm',
    values: {},
    entry: { baseUrl: 'http://localhost:9000/v1', label: 'vLLM' },
  });
});

test('of a custom provider the address is asked for once, and judged as an address', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers() });
  picks('Any other', 'Chat Completions', 'Decide later');
  const prompts: (string | undefined)[] = [];
  const addresses = ['no address', 'https://llm.example/v1'];
  editor.type = ({ title, prompt }) => {
    if (title === undefined) return undefined;
    prompts.push(prompt);
    if (prompt?.includes('name')) return 'mine';
    return prompt?.includes('address') ? addresses.shift() : '';
  };
  await addProvider(parts);
  assert.equal(prompts.filter((prompt) => prompt?.includes('address')).length, 2);
  assert.equal(prompts.length, 4);
  assert.deepEqual(inputOf(parts, 'POST /api/providers'), {
    id: 'mine',
    catalogId: 'custom',
    values: {},
    entry: { baseUrl: 'https://llm.example/v1', adapter: 'openai-chat' },
  });
});

test('a second account is checked by what the catalog knows of the first', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: answers({
      'GET /api/key-providers': () => ({
        providers: [{ ...deepseek, configuredAs: ['deepseek'] }],
      }),
    }),
  });
  picks('DeepSeek', 'Decide later');
  editor.type = ({ title, prompt, value }) => {
    if (title === undefined) return undefined;
    return prompt?.includes('name') ? value : key;
  };
  await addProvider(parts);
  assert.deepEqual(inputOf(parts, 'POST /api/providers/check'), {
    id: 'deepseek',
    values: {},
    entry: { label: 'DeepSeek (deepseek-2)' },
    key,
  });
  assert.equal(parts.secrets.stored.get('provider:deepseek-2'), key);
});

const mistyped: FakeAnswers['POST /api/providers/check'] = ({ entry }) =>
  entry?.['baseUrl'] === 'http://localhost:9000/v1'
    ? { result: 'valid', message: '' }
    : {
        result: 'unknown',
        message: 'There is an API at http://localhost:9000/v1.',
        betterBaseUrl: 'http://localhost:9000/v1',
      };

test('a mistyped address is put right where the user agrees', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: answers({ 'POST /api/providers/check': mistyped }),
  });
  picks('vLLM', 'Decide later');
  types('', { address: 'http://localhost:9000' });
  editor.press = ({ buttons }) => buttons.find((button) => button === 'Use This Address');
  await addProvider(parts);
  assert.deepEqual(inputOf(parts, 'POST /api/providers'), {
    id: 'vllm',
    catalogId: 'vllm',
    values: {},
    entry: { baseUrl: 'http://localhost:9000/v1', label: 'vLLM' },
  });
  assert.equal(editor.messages.at(-1)?.text, 'vLLM is added.');
});

test('and otherwise the box stays, with what is wrong', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: answers({ 'POST /api/providers/check': mistyped }),
  });
  picks('vLLM', 'Decide later');
  const said: (string | undefined)[] = [];
  editor.type = ({ title, prompt, validationMessage }) => {
    if (title === undefined) return undefined;
    if (prompt?.includes('address')) return 'http://localhost:9000';
    said.push(validationMessage);
    return said.length === 1 ? '' : undefined;
  };
  await addProvider(parts);
  assert.deepEqual(said, [undefined, 'There is an API at http://localhost:9000/v1.']);
  assert.equal(inputOf(parts, 'POST /api/providers'), undefined);
});

test('a check that nobody answers leaves the box open with the reason', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: answers({
      'POST /api/providers/check': () => {
        throw new Error('The proxy is not running. Start it first.');
      },
    }),
  });
  picks('DeepSeek');
  const said: (string | undefined)[] = [];
  editor.type = ({ title, validationMessage }) => {
    if (title === undefined) return undefined;
    said.push(validationMessage);
    return said.length === 1 ? key : undefined;
  };
  await addProvider(parts);
  assert.deepEqual(said, [undefined, 'The proxy is not running. Start it first.']);
  assert.equal(parts.secrets.stored.size, 0);
});

test('a gateway asks for what its address needs', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers() });
  picks('Cloudflare', 'Decide later');
  types(key, { Account: 'acme', Gateway: 'main' });
  await addProvider(parts);
  assert.deepEqual(inputOf(parts, 'POST /api/providers/check'), {
    id: 'cloudflare',
    values: { account: 'acme', gateway: 'main' },
    entry: {},
    key,
  });
});

test('back leads to the step before, with what was typed', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers() });
  picks('Cloudflare', 'Decide later');
  const shown: (string | undefined)[] = [];
  let wentBack = false;
  editor.back = ({ prompt }) => {
    if (wentBack || prompt !== 'Gateway') return false;
    wentBack = true;
    return true;
  };
  editor.type = ({ title, prompt, value }) => {
    if (title === undefined) return undefined;
    shown.push(`${prompt}=${value}`);
    return prompt === 'Account' ? (wentBack ? 'second' : 'first') : 'x-y-z';
  };
  await addProvider(parts);
  assert.deepEqual(shown.slice(0, 3), ['Account=', 'Account=first', 'Gateway=']);
  const added = inputOf(parts, 'POST /api/providers');
  assert.match(JSON.stringify(added), /"account":"second"/);
});

test('who goes back and chooses another provider takes nothing along', async (t) => {
  const both: Offer = { ...deepseek, id: 'both', label: 'Both', auth: ['forward', 'key'] };
  const parts = await flowParts(testScope(t), {
    answers: answers({ 'GET /api/key-providers': () => ({ providers: [both] }) }),
  });
  picks('Both', 'API key', 'ChatGPT login', 'Decide later');
  let steps = 0;
  // From the models back to the key, and from there to the ways to sign in.
  editor.back = ({ title }) => {
    steps += 1;
    return (steps === 3 && title === 'Default Model of Both') || steps === 4;
  };
  types(key);
  await addProvider(parts);
  assert.deepEqual(inputOf(parts, 'POST /api/providers'), {
    id: 'both',
    catalogId: 'both',
    values: {},
    entry: { authMode: 'forward' },
  });
  assert.equal(parts.secrets.stored.size, 0);
});

test('closing a box at any step stores nothing', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers() });
  for (const given of [undefined, 'deepseek', 'vllm', 'cloudflare']) {
    picks();
    await addProvider(parts, given);
  }
  assert.equal(inputOf(parts, 'POST /api/providers'), undefined);
  assert.equal(parts.secrets.stored.size, 0);
});

test('a key whose entry could not be written is forgotten again', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: answers({
      'POST /api/providers': () => {
        throw new Error('config.json cannot be written.');
      },
    }),
  });
  picks('DeepSeek', 'Decide later');
  types(key);
  await assert.rejects(addProvider(parts), /cannot be written/);
  assert.equal(parts.secrets.stored.size, 0);
});

test('an editor without a keyring says so and adds nothing', async (t) => {
  const parts = await flowParts(testScope(t), { answers: answers() });
  parts.secrets.keeps = false;
  picks('DeepSeek', 'Decide later');
  types(key);
  await assert.rejects(addProvider(parts), /no keyring/);
  assert.equal(inputOf(parts, 'POST /api/providers'), undefined);
});

test('the list is by kind, and says what cannot be used and why', () => {
  const items = offerItems([...offers, { ...deepseek, id: 'kimi', configuredAs: ['kimi'] }]);
  assert.deepEqual(
    items.filter(({ offer }) => offer === undefined).map(({ label }) => label),
    ['API key', 'Gateway', 'On this machine', 'Custom'],
  );
  assert.equal(items.find(({ offer }) => offer?.id === 'parallel')?.detail, 'It has no tools.');
  assert.match(items.find(({ offer }) => offer?.id === 'kimi')?.description ?? '', /added/);
});

test('what is typed is judged before it is used', () => {
  assert.equal(nameProblem('work', ['home']), undefined);
  for (const name of ['', 'a b', 'a/b', 'vscode', 'OpenCodex', 'home']) {
    assert.ok(nameProblem(name, ['home']) !== undefined, name);
  }
  assert.equal(addressProblem('http://localhost:1234/v1'), undefined);
  for (const address of ['', 'localhost:1234', 'ftp://x', 'https://me:secret@x']) {
    assert.ok(addressProblem(address) !== undefined, address);
  }
  assert.equal(keyHint('sk-12345678', deepseek), undefined);
  assert.equal(keyHint('$VARIABLE', deepseek), undefined);
  assert.match(keyHint('AIza-12345678', deepseek) ?? '', /usually begin with sk-/);
});

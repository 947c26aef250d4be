import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { google } from '../../../src/adapters/google/adapter.ts';
import type { AssistantMessage, Message } from '../../../src/turn/turn.ts';
import { at } from '../../support/json.ts';
import { gemini } from '../target.ts';
import {
  assistant,
  call,
  image,
  png,
  result,
  shell,
  system,
  text,
  thought,
  turnOf,
  user,
} from '../turns.ts';
import { config, contents, sent, signedCall, signedText } from './turns.ts';

const excuse = 'skip_thought_signature_validator';
const start: readonly Message[] = [system('Be brief.'), user('Hello')];
const say = (words: string): object => ({ text: words });
const hello = { role: 'user', parts: [say('Hello')] };
const signed = (part: object, thoughtSignature: string): object => ({ ...part, thoughtSignature });
const calls = (id: string, args: object = { cmd: 'ls' }): object => ({
  functionCall: { id, name: 'exec_command', args },
});
const answers = (id: string, output: string, parts?: readonly object[]): object => ({
  functionResponse: { id, name: 'exec_command', response: { output }, ...(parts && { parts }) },
});
const pixel = { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } };

describe('a request', () => {
  const url = (baseUrl: string, model = 'gemini-3.8-flash', stream = true): string =>
    google.encode(turnOf({ stream }), { ...gemini(model), baseUrl }).url;

  test('goes to the documented address, whatever the base URL names of it', () => {
    const address = 'https://a.test/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse';
    assert.equal(url('https://a.test'), address);
    assert.equal(url('https://a.test/v1beta'), address);
    assert.equal(
      url('https://v1beta.test/gemini'),
      'https://v1beta.test/gemini/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    );
    assert.equal(
      url('https://aiplatform.googleapis.com/v1/publishers/google'),
      'https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    );
    assert.equal(
      url('https://a.test', 'models/gemini-3.8-flash', false),
      'https://a.test/v1beta/models/gemini-3.8-flash:generateContent',
    );
  });

  for (const model of [
    '../../v1/evil',
    '..',
    'x:generateContent?key=1#',
    '@evil.test',
    'a\\b',
    'gemini 3 🙂',
    'bad\ud800',
    '%2e%2e',
    '',
  ]) {
    test(`cannot be steered by a model called ${JSON.stringify(model)}`, () => {
      const { host, pathname, search } = new URL(url('https://a.test', model));
      assert.equal(host, 'a.test');
      assert.match(pathname, /^\/v1beta\/models\/[^/:]*:streamGenerateContent$/);
      const name = pathname.slice('/v1beta/models/'.length, -':streamGenerateContent'.length);
      assert.equal(decodeURIComponent(name), model.toWellFormed());
      assert.equal(search, '?alt=sse');
    });
  }

  test('has no credentials, and asks for what the client wants', () => {
    assert.deepEqual(sent(turnOf()).headers, {
      'content-type': 'application/json',
      accept: 'text/event-stream',
    });
    assert.equal(sent(turnOf({ stream: false })).headers['accept'], 'application/json');
  });

  test('says no more than the client and the model need', () => {
    const { body } = sent(turnOf(), gemini('gemini-2.0-flash'));
    assert.deepEqual(Object.keys(body).sort(), ['contents', 'systemInstruction', 'tools']);
  });

  test('takes the fields of the config last, also those inside an object', () => {
    const target = {
      ...gemini(),
      quirks: {
        extraBody: {
          generationConfig: { seed: 7, thinkingConfig: { includeThoughts: false } },
          serviceTier: 'flex',
        },
      },
    };
    const { body } = sent(turnOf({ maxOutputTokens: 99 }), target);
    assert.deepEqual(body['generationConfig'], {
      maxOutputTokens: 99,
      thinkingConfig: { includeThoughts: false },
      seed: 7,
    });
    assert.equal(body['serviceTier'], 'flex');
  });

  test('limits the answer where the client does, as far as the model goes', () => {
    const limit = (asked: number | undefined, model: string, stream = true, most?: number) =>
      config(
        { maxOutputTokens: asked, stream },
        gemini(model, {}, most === undefined ? {} : { maxOutputTokens: most }),
      )['maxOutputTokens'];
    assert.equal(limit(undefined, 'gemini-3.8-flash'), undefined);
    assert.equal(limit(500, 'gemini-3.8-flash'), 500);
    assert.equal(limit(9e6, 'gemini-3.8-flash', true, 65_536), 65_536);
    assert.equal(limit(65_536, 'gemini-4-argon'), 65_536);
    assert.equal(limit(65_536, 'gemini-4-argon', false), 32_768);
  });

  test('has temperature and topP only where they have an effect', () => {
    const asked = { temperature: 0.5, topP: 0.9 };
    const { temperature, topP } = config(asked, gemini('gemini-2.5-pro'));
    assert.deepEqual([temperature, topP], [0.5, 0.9]);
    assert.equal('temperature' in config(asked), false);
    const quirks = { models: [{ match: 'gemini-2', sampling: false }] };
    assert.equal('topP' in config(asked, gemini('gemini-2.5-pro', quirks)), false);
  });

  test('is the same bytes for the same turn', () => {
    const turn = turnOf({
      messages: [...start, assistant(signedCall('S'), call('a')), result('a', 'x', png)],
    });
    assert.equal(google.encode(turn, gemini()).body, google.encode(turn, gemini()).body);
  });
});

describe('instructions', () => {
  test('that lead stand apart, later ones are told by the user', () => {
    const messages = [
      system('Base.', ''),
      system('Skills.'),
      user('Hello'),
      assistant(text('Hi.')),
      system('You are another model now.'),
      user('Go on.'),
    ];
    const { body } = sent(turnOf({ messages }));
    assert.deepEqual(body['systemInstruction'], { parts: [say('Base.'), say('Skills.')] });
    assert.deepEqual(body['contents'], [
      hello,
      { role: 'model', parts: [say('Hi.')] },
      { role: 'user', parts: [say('You are another model now.'), say('Go on.')] },
    ]);
  });

  test('come before the first words of the user for Gemma', () => {
    const { body } = sent(turnOf(), gemini('gemma-3-27b-it'));
    assert.equal('systemInstruction' in body, false);
    assert.deepEqual(body['contents'], [{ role: 'user', parts: [say('Be brief.'), say('Hello')] }]);
  });
});

describe('the conversation', () => {
  test('begins with the user and never has one role twice', () => {
    const messages = [
      assistant(text('Earlier.')),
      assistant(text('More.')),
      user('One'),
      user('Two'),
    ];
    assert.deepEqual(contents(messages), [
      { role: 'user', parts: [say('…')] },
      { role: 'model', parts: [say('Earlier.'), say('More.')] },
      { role: 'user', parts: [say('One'), say('Two')] },
    ]);
  });

  test('has all responses of a step in one content, in the order of the calls', () => {
    const messages = [
      ...start,
      assistant(text('Both.'), call('a'), call('b', '{"cmd":"pwd"}'), text('Wait.')),
      result('a', 'one', 'two'),
      result('b', ''),
      system('Steer.'),
      user('And?'),
    ];
    assert.deepEqual(contents(messages), [
      hello,
      {
        role: 'model',
        parts: [say('Both.'), signed(calls('a'), excuse), calls('b', { cmd: 'pwd' }), say('Wait.')],
      },
      {
        role: 'user',
        parts: [answers('a', 'one\n\ntwo'), answers('b', ''), say('Steer.'), say('And?')],
      },
    ]);
  });

  test('gives a model before Gemini 3 no ids and no excuses', () => {
    const messages = [...start, assistant(call('a')), result('a', 'one')];
    assert.deepEqual(contents(messages, gemini('gemini-2.5-flash')).slice(1), [
      { role: 'model', parts: [{ functionCall: { name: 'exec_command', args: { cmd: 'ls' } } }] },
      {
        role: 'user',
        parts: [{ functionResponse: { name: 'exec_command', response: { output: 'one' } } }],
      },
    ]);
  });

  test('takes broken arguments for none', () => {
    for (const args of ['', 'not json', '[1]', 'null']) {
      const messages = [...start, assistant(call('a', args)), result('a', 'x')];
      assert.deepEqual(at(contents(messages)[1], 'parts', 0, 'functionCall', 'args'), {});
    }
  });
});

describe('pictures', () => {
  const parts = (message: Message, target = gemini()) =>
    at(contents([message], target)[0], 'parts');

  test('of the user are sent inline or by address', () => {
    assert.deepEqual(parts(user('See:', png, image('https://a.test/b.JPG?x=1'))), [
      say('See:'),
      pixel,
      { fileData: { fileUri: 'https://a.test/b.JPG?x=1', mimeType: 'image/jpeg' } },
    ]);
    assert.deepEqual(parts(user(image('https://a.test/b'))), [
      { fileData: { fileUri: 'https://a.test/b' } },
    ]);
    assert.deepEqual(parts(user(image('data:image/jpg;base64,AAAA'))), [
      { inlineData: { mimeType: 'image/jpeg', data: 'AAAA' } },
    ]);
  });

  test('that cannot be sent are words', () => {
    const words = (url: string, target = gemini()) =>
      String(at(parts(user(image(url)), target), 0, 'text'));
    assert.match(words('data:image/gif;base64,AAAA'), /format/);
    assert.match(words('data:image/png,raw'), /format/);
    assert.match(words('data:image/png;base64'), /format/);
    assert.match(words(png.url, gemini('gemma-3-27b-it', {}, { vision: false })), /text only/);
  });

  const looked = (...content: readonly (string | typeof png)[]): readonly Message[] => [
    ...start,
    assistant(call('a'), call('b')),
    result('a', ...content),
    result('b', 'plain'),
  ];

  test('of a tool are part of its response', () => {
    assert.deepEqual(at(contents(looked('A picture:', png)), 2, 'parts'), [
      answers('a', 'A picture:\n\n[The image is attached.]', [pixel]),
      answers('b', 'plain'),
    ]);
  });

  test('of a tool follow all responses where they cannot be part of one', () => {
    const old = contents(looked(png), gemini('gemini-2.5-pro'));
    assert.deepEqual(at(old, 2, 'parts', 0, 'functionResponse', 'response'), {
      output: '[The image follows.]',
    });
    assert.deepEqual(
      [2, 3].map((index) => at(old, 2, 'parts', index)),
      [say('Image in the result of exec_command:'), pixel],
    );
    const remote = contents(looked(image('https://a.test/b.png')));
    assert.deepEqual(at(remote, 2, 'parts', 3), {
      fileData: { fileUri: 'https://a.test/b.png', mimeType: 'image/png' },
    });
  });

  test('of a tool are words for a model that reads only text', () => {
    const target = gemini('gemini-3.8-flash', {}, { vision: false });
    assert.match(JSON.stringify(contents(looked(png), target)), /text only/);
  });
});

describe('signatures', () => {
  const model = (...parts: AssistantMessage['content']) => {
    const ids = parts.flatMap((part) => (part.type === 'tool_call' ? [part.callId] : []));
    const results = ids.map((id) => result(id, 'x'));
    return at(contents([...start, assistant(...parts), ...results, user('Go on')])[1], 'parts');
  };

  test('stand on the call behind them, and on no other', () => {
    assert.deepEqual(model(signedCall('S1', 'Let me see.'), call('a'), call('b')), [
      signed(calls('a'), 'S1'),
      calls('b'),
    ]);
    assert.deepEqual(model(signedCall('S1'), call('a'), signedCall('S2'), call('b')), [
      signed(calls('a'), 'S1'),
      signed(calls('b'), 'S2'),
    ]);
    assert.deepEqual(model(signedCall('S1'), text('Words.'), call('a')), [
      say('Words.'),
      signed(calls('a'), 'S1'),
    ]);
  });

  test('of an answer that broke off do not count for the next one', () => {
    assert.deepEqual(model(signedCall('old'), signedCall('new'), call('a')), [
      signed(calls('a'), 'new'),
    ]);
  });

  test('stand on the text before them, on just the part that is theirs', () => {
    assert.deepEqual(model(text('Hello'), signedText('S', 0)), [
      say('Hello'),
      signed(say(''), 'S'),
    ]);
    assert.deepEqual(model(text('Hello'), signedText('S', 5)), [signed(say('Hello'), 'S')]);
    assert.deepEqual(model(text('Hello'), signedText('S', 2), text('!')), [
      say('Hel'),
      signed(say('lo'), 'S'),
      say('!'),
    ]);
    assert.deepEqual(model(text('A'), signedText('S', 1), signedText('T', 0)), [
      signed(say('A'), 'S'),
      signed(say(''), 'T'),
    ]);
    assert.deepEqual(model(text('A'), call('a'), signedText('S', 9)), [
      say('A'),
      signed(calls('a'), excuse),
      signed(say(''), 'S'),
    ]);
  });

  test('stand on the thought that is theirs; other thoughts are not sent', () => {
    const carry = { part: 'thought', signature: 'S', length: 4 };
    assert.deepEqual(model(thought('First. Then.', { ...carry, length: 5 }), text('Done.')), [
      { text: 'Then.', thought: true, thoughtSignature: 'S' },
      say('Done.'),
    ]);
    assert.deepEqual(model(thought('Hm.'), text('Done.')), [say('Done.')]);
  });

  test('of others are not sent, and the first call of each step is excused', () => {
    const foreign = [
      [{ type: 'thinking', thinking: 'x', signature: 'y' }],
      { part: 'call', signature: '' },
      { part: 'call' },
      { part: 'text', signature: 'S', length: -1 },
      { part: 'image', signature: 'S', length: 1 },
      'S',
      null,
    ];
    for (const carry of foreign) {
      assert.deepEqual(model(thought('Hm.', carry), call('a'), call('b')), [
        signed(calls('a'), excuse),
        calls('b'),
      ]);
    }
  });
});

describe('calls', () => {
  const toolConfig = (turn: Parameters<typeof turnOf>[0]) => sent(turnOf(turn)).body['toolConfig'];
  const calling = (mode: string, allowedFunctionNames?: readonly string[]): object => ({
    functionCallingConfig: { mode, ...(allowedFunctionNames && { allowedFunctionNames }) },
  });

  test('are allowed, forbidden, demanded or confined', () => {
    assert.equal(toolConfig({}), undefined);
    assert.equal(toolConfig({ tools: [], toolChoice: { type: 'none' } }), undefined);
    assert.deepEqual(toolConfig({ toolChoice: { type: 'none' } }), calling('NONE'));
    assert.deepEqual(toolConfig({ toolChoice: { type: 'required' } }), calling('ANY'));
    assert.deepEqual(
      toolConfig({ toolChoice: { type: 'tool', name: 'exec_command' } }),
      calling('ANY', ['exec_command']),
    );
    assert.deepEqual(toolConfig({ tools: [{ ...shell, strict: true }] }), calling('VALIDATED'));
  });

  test('are offered as functions, in their order', () => {
    const tools = [
      shell,
      { ...shell, name: 'goal', description: '', parameters: { type: 'object', properties: {} } },
    ];
    assert.deepEqual(sent(turnOf({ tools })).body['tools'], [
      {
        functionDeclarations: [
          {
            name: 'exec_command',
            description: 'Runs a command',
            parametersJsonSchema: shell.parameters,
          },
          { name: 'goal' },
        ],
      },
    ]);
    assert.equal('tools' in sent(turnOf({ tools: [] })).body, false);
  });
});

describe('thinking', () => {
  const thinks = (model: string, effort?: string, summary: string | undefined = 'auto') =>
    config({ reasoning: { effort, summary } }, gemini(model))['thinkingConfig'];
  const level = (thinkingLevel: string): object => ({ thinkingLevel, includeThoughts: true });
  const budget = (thinkingBudget: number): object => ({ thinkingBudget, includeThoughts: true });
  const shown = { includeThoughts: true };

  const forms: Readonly<Record<string, Readonly<Record<string, object | undefined>>>> = {
    'gemini-2.0-flash': { high: undefined, none: undefined },
    'gemma-3-27b-it': { high: undefined },
    'gemini-2.5-flash': {
      none: { thinkingBudget: 0 },
      minimal: budget(1024),
      high: budget(16_384),
      max: budget(24_576),
      turbo: shown,
    },
    'gemini-2.5-pro': { none: budget(128), low: budget(4096), xhigh: budget(32_768) },
    'gemini-3-pro-preview': { none: level('LOW'), medium: level('HIGH'), max: level('HIGH') },
    'gemini-3-flash-preview': { none: level('MINIMAL'), minimal: level('MINIMAL') },
    'gemini-3.1-pro-preview': { minimal: level('LOW'), medium: level('MEDIUM') },
    'gemini-3.6-flash': { minimal: level('MINIMAL') },
    'gemini-3.8-flash': { minimal: level('LOW'), xhigh: level('HIGH'), turbo: shown },
    'gemini-4-argon': { none: level('LOW'), high: level('HIGH') },
  };
  for (const [model, efforts] of Object.entries(forms)) {
    for (const [effort, expected] of Object.entries(efforts)) {
      test(`of ${model} at effort ${effort}`, () => {
        assert.deepEqual(thinks(model, effort), expected);
      });
    }
  }

  test('is the model’s own where no effort is named, and is shown', () => {
    assert.deepEqual(thinks('gemini-3.8-flash', undefined, undefined), shown);
    assert.deepEqual(thinks('gemini-2.5-pro'), shown);
  });

  test('is not asked for where the model is known not to', () => {
    const target = gemini('gemini-3.8-flash', {}, { reasoning: false });
    assert.equal(config({}, target)['thinkingConfig'], undefined);
  });

  test('takes the efforts that the provider’s record names', () => {
    const of = (efforts: readonly string[]) =>
      config(
        { reasoning: { effort: 'minimal', summary: undefined } },
        gemini('gemini-3.6-flash', {}, { efforts }),
      )['thinkingConfig'];
    assert.deepEqual(of(['low', 'high']), level('LOW'));
    assert.deepEqual(of([]), level('MINIMAL'));
  });

  test('follows the rules of the provider’s quirks', () => {
    const quirks = { models: [{ match: 'GEMINI-3.8', levels: ['minimal'] }] };
    const reasoning = { effort: 'max', summary: undefined };
    const { body } = google.encode(turnOf({ reasoning }), gemini('gemini-3.8-flash', quirks));
    assert.match(body, /"thinkingLevel":"MINIMAL"/);
  });
});

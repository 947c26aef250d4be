import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { geminiModels } from './geminiModels.ts';
import { geminiWire } from './geminiUpstream.ts';
import { at, isRecord, type JsonRecord, listOf } from './json.ts';
import { testScope } from './scope.ts';
import {
  call,
  cut,
  failure,
  finish,
  reasoning,
  type Step,
  stopShort,
  text,
  usage,
} from './script.ts';
import type { FakeProvider } from './wire.ts';

const say = (words: string): object => ({ text: words });
const user = (...parts: readonly object[]): object => ({ role: 'user', parts });
const model = (...parts: readonly object[]): object => ({ role: 'model', parts });
const hello = user(say('Hello'));
const good = { contents: [hello] };

const excuse = 'skip_thought_signature_validator';
const calls = (
  id: string,
  name = 'shell',
  more: object = { thoughtSignature: excuse },
): object => ({
  functionCall: { id, name, args: { cmd: 'ls' } },
  ...more,
});
const answers = (id: string, name = 'shell', more: object = {}): object => ({
  functionResponse: { id, name, response: { output: 'ok' }, ...more },
});
const withContents = (...contents: readonly object[]): object => ({ ...good, contents });
const saying = (...parts: readonly object[]): object => withContents(user(...parts));
const configured = (generationConfig: object): object => ({ ...good, generationConfig });
const thinking = (thinkingConfig: object): object => configured({ thinkingConfig });
const shell = {
  name: 'shell',
  description: 'Runs a command',
  parametersJsonSchema: {
    type: 'object',
    properties: { cmd: { type: 'string' } },
    required: ['cmd'],
  },
};
const withTools = (...functionDeclarations: readonly object[]): object => ({
  ...good,
  tools: [{ functionDeclarations }],
});
const withSchema = (parametersJsonSchema: unknown): object =>
  withTools({ ...shell, parametersJsonSchema });
const withProperty = (schema: object): object =>
  withSchema({ type: 'object', properties: { a: schema } });
const calling = (functionCallingConfig: object): object => ({
  ...withTools(shell),
  toolConfig: { functionCallingConfig },
});
const withFormat = (responseJsonSchema: object): object =>
  configured({ responseMimeType: 'application/json', responseJsonSchema });
const image = (mimeType: string, data = 'AAAA'): object => ({ inlineData: { mimeType, data } });

function nested(levels: number): object {
  return levels === 0 ? { type: 'string' } : { type: 'array', items: nested(levels - 1) };
}

/** Each with the page that says so in the rules' files. */
const refused: Readonly<
  Record<string, readonly [body: object, message: RegExp, model?: string, method?: string]>
> = {
  'no contents': [{}, /contents is not specified/],
  'empty contents': [withContents(), /contents is not specified/],
  'contents that are no list': [{ contents: {} }, /expected a list/],
  'an unknown field': [{ ...good, prompt_cache_key: 'x' }, /Unknown name "prompt_cache_key"/],
  'the model in the body': [{ ...good, model: 'x' }, /Unknown name "model"/],
  'an unknown field of the configuration': [
    configured({ max_tokens: 5 }),
    /Unknown name "max_tokens" at 'generation_config'/,
  ],

  'an unknown role': [withContents({ role: 'assistant', parts: [say('Hi')] }), /valid role/],
  'a system role': [withContents({ role: 'system', parts: [say('Hi')] }), /valid role/],
  'no role': [withContents({ parts: [say('Hi')] }), /valid role/],
  'an unknown field of a content': [
    withContents({ ...hello, name: 'x' }),
    /Unknown name "name" at 'contents\[0\]'/,
  ],
  'a model in front': [withContents(model(say('Hi')), hello), /alternate between user and model/],
  'two contents of the user in a row': [withContents(hello, hello), /alternate/],
  'two contents of the model in a row': [
    withContents(hello, model(say('Hi')), model(say('Hi')), hello),
    /alternate/,
  ],
  'a model at the end': [withContents(hello, model(say('Hi'))), /end with a user role/],

  'no parts': [withContents({ role: 'user' }), /contents.parts must not be empty/],
  'empty parts': [withContents(user()), /contents.parts must not be empty/],
  'a part without data': [saying({}), /must have one initialized field/],
  'a part with only a signature': [
    withContents(hello, model({ thoughtSignature: 'x' }), hello),
    /must have one initialized field/,
  ],
  'a part with two kinds of data': [
    saying({ ...say('Hi'), ...image('image/png') }),
    /oneof field 'data' is already set/,
  ],
  'an unknown field of a part': [saying({ ...say('Hi'), type: 'text' }), /Unknown name "type"/],
  'a text that is none': [saying({ text: 5 }), /TYPE_STRING/],
  'a call of the user': [saying(calls('c1')), /only allowed in a content of role 'model'/],
  'a thought of the user': [saying({ ...say('Hi'), thought: true }), /only allowed/],
  'an image of the model': [
    withContents(hello, model(image('image/png')), hello),
    /only allowed in a content of role 'user'/,
  ],
  'a response of the model': [withContents(hello, model(answers('c1')), hello), /only allowed/],

  'an image of an unknown type': [saying(image('image/gif')), /Unsupported MIME type: image\/gif/],
  'an image that is no base64': [saying(image('image/png', 'data:x')), /Base64 decoding failed/],
  'an image without a type': [saying({ inlineData: { data: 'AAAA' } }), /mime_type/],
  'an image by plain http': [
    saying({ fileData: { fileUri: 'http://a.test/b.png' } }),
    /Unsupported file uri/,
  ],

  'system instructions without parts': [
    { ...good, systemInstruction: { parts: [] } },
    /must not be empty/,
  ],
  'system instructions as a string': [{ ...good, systemInstruction: 'Be brief.' }, /object/],
  'an image in the system instructions': [
    { ...good, systemInstruction: { parts: [image('image/png')] } },
    /Unknown name "inlineData"/,
  ],
  'system instructions for Gemma': [
    { ...good, systemInstruction: { parts: [say('Be brief.')] } },
    /Developer instruction is not enabled/,
    'gemma-3-27b-it',
  ],

  'a call without its response': [
    withContents(hello, model(calls('c1')), hello),
    /number of function response parts is equal to the number of function call parts/,
  ],
  'half of the responses': [
    withContents(hello, model(calls('c1'), calls('c2', 'shell', {})), user(answers('c1'))),
    /number of function response parts/,
  ],
  'a response too many': [
    withContents(hello, model(calls('c1')), user(answers('c1'), answers('c2'))),
    /number of function response parts/,
  ],
  'a response without its call': [
    withContents(hello, model(say('Hi')), user(answers('c1'))),
    /function response turn comes immediately after a function call turn/,
  ],
  'a response in front': [
    withContents(user(answers('c1'))),
    /function response turn comes immediately after a function call turn/,
  ],
  'a response one content late': [
    withContents(hello, model(calls('c1')), hello, model(say('Hi')), user(answers('c1'))),
    /function response/,
  ],
  'responses in another order': [
    withContents(
      hello,
      model(calls('c1'), calls('c2', 'goal', {})),
      user(answers('c2', 'goal'), answers('c1')),
    ),
    /names match/,
  ],
  'responses of one function in another order': [
    withContents(
      hello,
      model(calls('c1'), calls('c2', 'shell', {})),
      user(answers('c2'), answers('c1')),
    ),
    /id of the function response/,
  ],
  'a response of another name': [
    withContents(hello, model(calls('c1')), user(answers('c1', 'goal'))),
    /names match/,
  ],
  'a response without a name': [
    withContents(hello, model(calls('c1')), user({ functionResponse: { id: 'c1', response: {} } })),
    /Name cannot be empty/,
  ],
  'a response that is no object': [
    withContents(hello, model(calls('c1')), user(answers('c1', 'shell', { response: 'ok' }))),
    /Struct/,
  ],
  'a response without its id': [
    withContents(
      hello,
      model(calls('c1')),
      user({ functionResponse: { name: 'shell', response: {} } }),
    ),
    /id of the function response/,
  ],
  'two calls of one id': [
    withContents(
      hello,
      model(calls('c1')),
      user(answers('c1')),
      model(calls('c1')),
      user(answers('c1')),
    ),
    /Duplicate function call id/,
  ],
  'arguments as a text': [
    withContents(
      hello,
      model({ functionCall: { id: 'c1', name: 'shell', args: '{}' } }),
      user(answers('c1')),
    ),
    /Struct/,
  ],
  'an image in a response for an older model': [
    withContents(
      hello,
      model(calls('c1')),
      user(answers('c1', 'shell', { parts: [image('image/png')] })),
    ),
    /multimodal responses are not supported/,
    'gemini-2.5-pro',
  ],
  'an image by address in a response': [
    withContents(
      hello,
      model(calls('c1')),
      user(answers('c1', 'shell', { parts: [{ fileData: { fileUri: 'https://a.test' } }] })),
    ),
    /Unknown name "fileData"/,
  ],

  'a call without a signature': [
    withContents(hello, model(calls('c1', 'shell', {})), user(answers('c1'))),
    /missing a thought_signature in functionCall parts.*default_api:shell/,
  ],
  'a signed second call alone': [
    withContents(
      hello,
      model(calls('c1', 'shell', {}), calls('c2')),
      user(answers('c1'), answers('c2')),
    ),
    /missing a thought_signature/,
  ],
  'a later step without a signature': [
    withContents(
      hello,
      model(calls('c1')),
      user(answers('c1')),
      model(calls('c2', 'shell', {})),
      user(answers('c2')),
    ),
    /missing a thought_signature/,
  ],
  'a signature that it never gave out': [
    withContents(
      hello,
      model(calls('c1', 'shell', { thoughtSignature: 'made+up==' })),
      user(answers('c1')),
    ),
    /Corrupted thought signature/,
  ],
  'an excuse on a text': [
    withContents(hello, model({ ...say('Hi'), thoughtSignature: excuse }), hello),
    /Corrupted thought signature/,
  ],

  'tools of other kinds': [
    { ...good, tools: [{ type: 'function', name: 'shell' }] },
    /Unknown name "type" at 'tools\[0\]'/,
  ],
  'a tool without functions': [withTools(), /tool_type/],
  'functions beside the search': [
    { ...good, tools: [{ functionDeclarations: [shell] }, { googleSearch: {} }] },
    /Tool use with function calling is unsupported/,
  ],
  'functions in the search’s own tool': [
    { ...good, tools: [{ functionDeclarations: [shell], googleSearch: {} }] },
    /Tool use with function calling is unsupported/,
  ],
  'a search with domains': [
    { ...good, tools: [{ googleSearch: { excludeDomains: ['a.test'] } }] },
    /Unknown name "excludeDomains"/,
  ],
  'a search in JSON where the model takes none': [
    {
      ...configured({ responseMimeType: 'application/json' }),
      tools: [{ googleSearch: {} }],
    },
    /response mime type/,
    'gemini-2.5-pro',
  ],
  'an unknown field of a function': [
    withTools({ ...shell, strict: true }),
    /Unknown name "strict" at 'tools\[0\].function_declarations\[0\]'/,
  ],
  'a function without a name': [withTools({ description: 'x' }), /Name cannot be empty/],
  'a function name that begins with a digit': [
    withTools({ ...shell, name: '3d' }),
    /Invalid function name/,
  ],
  'a function name with a slash': [withTools({ ...shell, name: 'a/b' }), /Invalid function name/],
  'a function name of 129 characters': [
    withTools({ ...shell, name: 'x'.repeat(129) }),
    /Invalid function name/,
  ],
  'two functions of one name': [withTools(shell, shell), /Duplicate function declaration/],
  'parameters without any': [
    withSchema({ type: 'object', properties: {} }),
    /should be non-empty for OBJECT type/,
  ],
  'parameters that are no object': [withSchema({ type: 'string' }), /should describe an object/],
  'a union at the root': [
    withSchema({ type: 'object', properties: { a: {} }, anyOf: [{ required: ['a'] }] }),
    /anyOf is not allowed at the root/,
  ],
  'a broken schema': [withProperty({ type: 'text' }), /not valid JSON Schema/],
  'a const': [withProperty({ const: 1 }), /const is not supported/],
  'an enum of booleans': [withProperty({ enum: [true] }), /only strings and numbers/],
  'a parameter name of 65 characters': [
    withSchema({ type: 'object', properties: { ['x'.repeat(65)]: {} } }),
    /longer than 64/,
  ],
  'a schema of 34 levels': [withProperty(nested(34)), /nested more than 32 levels/],

  'an unknown mode of calling': [calling({ mode: 'auto' }), /TYPE_ENUM/],
  'a mode of calling without functions': [
    { ...good, toolConfig: { functionCallingConfig: { mode: 'AUTO' } } },
    /without function_declarations/,
  ],
  'allowed functions without need': [
    calling({ mode: 'AUTO', allowedFunctionNames: ['shell'] }),
    /only be set when the mode is ANY/,
  ],
  'an allowed function that is not there': [
    calling({ mode: 'ANY', allowedFunctionNames: ['goal'] }),
    /goal is not declared/,
  ],

  'a thinking level and a budget': [
    thinking({ thinkingLevel: 'LOW', thinkingBudget: 1024 }),
    /only one of thinking budget and thinking level/,
  ],
  'a thinking level that nobody knows': [thinking({ thinkingLevel: 'MAX' }), /TYPE_ENUM/],
  'a thinking level that the model lacks': [
    thinking({ thinkingLevel: 'MINIMAL' }),
    /Thinking level MINIMAL is not supported/,
  ],
  'a thinking level for an older model': [
    thinking({ thinkingLevel: 'LOW' }),
    /Thinking level is not supported/,
    'gemini-2.5-pro',
  ],
  'a thinking budget that is too large': [
    thinking({ thinkingBudget: 32_769 }),
    /between 128 and 32768/,
    'gemini-2.5-pro',
  ],
  'thinking switched off where it cannot be': [
    thinking({ thinkingBudget: 0 }),
    /budget 0 is invalid/,
    'gemini-2.5-pro',
  ],
  'thinking of a model that does not think': [
    thinking({ includeThoughts: true }),
    /Thinking is not enabled/,
    'gemini-2.0-flash',
  ],
  'an unknown field of thinking': [thinking({ effort: 'low' }), /Unknown name "effort"/],

  'max tokens of nought': [configured({ maxOutputTokens: 0 }), /max_output_tokens/],
  'more tokens than an answer in one piece may have': [
    configured({ maxOutputTokens: 65_536 }),
    /max_output_tokens/,
    'gemini-4-argon',
    'generateContent',
  ],
  'a temperature of 3': [configured({ temperature: 3 }), /temperature/, 'gemini-2.5-pro'],
  'a temperature that has no effect': [configured({ temperature: 1 }), /has no effect/],

  'an unknown type of answer': [configured({ responseMimeType: 'application/xml' }), /TYPE_ENUM/],
  'a schema without the type of answer': [
    configured({ responseJsonSchema: { type: 'object' } }),
    /needs the response mime type/,
  ],
  'JSON together with functions on an older model': [
    { ...withTools(shell), generationConfig: { responseMimeType: 'application/json' } },
    /Function calling with a response mime type: 'application\/json' is unsupported/,
    'gemini-2.5-pro',
  ],
  'JSON of Gemma': [
    configured({ responseMimeType: 'application/json' }),
    /JSON mode is not enabled/,
    'gemma-3-27b-it',
  ],
  'a keyword that the output schema does not know': [
    withFormat({ type: 'string', pattern: '^a' }),
    /keyword pattern is not supported/,
  ],
  'words beside a reference in the output schema': [
    withFormat({ $ref: '#/$defs/A', title: 'A', $defs: { A: { type: 'string' } } }),
    /title beside \$ref/,
  ],
  'a dangling reference in the output schema': [
    withFormat({ $ref: '#/$defs/B', $defs: {} }),
    /undefined schema/,
  ],
  'a cycle in the output schema': [
    withFormat({
      $ref: '#/$defs/A',
      $defs: { A: { type: 'object', properties: { a: { $ref: '#/$defs/A' } } } },
    }),
    /cyclic/,
  ],
};

const taken: Readonly<Record<string, readonly [body: object, model?: string]>> = {
  'a plain request': [good],
  'a search of Google’s own': [{ ...good, tools: [{ googleSearch: {} }] }],
  'a request with all there is': [
    {
      ...calling({ mode: 'ANY', allowedFunctionNames: ['shell'] }),
      systemInstruction: { parts: [say('Be brief.')] },
      generationConfig: {
        maxOutputTokens: 100,
        thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object', properties: { a: { type: 'string' } } },
      },
    },
  ],
  'a round of parallel calls, and words behind the responses': [
    withContents(
      hello,
      model(say('Both.'), calls('c1'), calls('c2', 'shell', {})),
      user(answers('c1'), answers('c2', 'shell', { parts: [image('image/png')] }), say('And?')),
      model(say('Done.')),
      user(image('image/webp'), { fileData: { fileUri: 'https://a.test/b.png' } }),
    ),
  ],
  'an earlier turn without signatures': [
    withContents(
      hello,
      model(calls('c1', 'shell', {})),
      user(answers('c1')),
      model(say('Done.')),
      hello,
    ),
  ],
  'calls without ids or signatures on an older model': [
    withContents(
      hello,
      model({ functionCall: { name: 'shell', args: {} } }),
      user({ functionResponse: { name: 'shell', response: { output: 'ok' } } }),
    ),
    'gemini-2.5-flash',
  ],
  'nested unions, references and recursion in a tool': [
    withSchema({
      type: 'object',
      properties: { a: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/A' }] } },
      $defs: { A: { type: 'array', items: { $ref: '#/$defs/A' } } },
    }),
  ],
};

const models = ['sim-1', ...Object.keys(geminiModels)];

interface Asked {
  readonly model?: string | undefined;
  readonly method?: string | undefined;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function post(fake: FakeProvider, body: unknown, asked: Asked = {}) {
  const { model: name = 'sim-1', method = 'generateContent', query = '', headers } = asked;
  const url = `${fake.entry['baseUrl']}/v1beta/models/${name}:${method}${query}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': fake.apiKey, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

const streamed: Asked = { method: 'streamGenerateContent', query: '?alt=sse' };

function payloads(stream: string): readonly unknown[] {
  return stream
    .split('\r\n')
    .filter((line) => line.startsWith('data: '))
    .map((line): unknown => JSON.parse(line.slice('data: '.length)));
}

function partsOf(response: unknown): readonly JsonRecord[] {
  return listOf(at(response, 'candidates', 0, 'content', 'parts')).filter(isRecord);
}

const listing: Step = { step: 'call', id: 'c1', name: 'shell', arguments: '{"cmd":"ls"}' };

describe('the Gemini provider of the tests', () => {
  for (const [what, [body, message, name, method]] of Object.entries(refused)) {
    test(`refuses ${what}`, async (t) => {
      const fake = await geminiWire.start(testScope(t), { models });
      const { status, text: answer } = await post(fake, body, { model: name, method });
      assert.match(String(at(JSON.parse(answer), 'error', 'message')), message);
      assert.equal(at(JSON.parse(answer), 'error', 'status'), 'INVALID_ARGUMENT');
      assert.equal(status, 400);
      assert.equal(fake.requests.length, 0);
      assert.equal(fake.refusals.length, 1);
    });
  }

  const wrong: Readonly<Record<string, readonly [asked: Asked, status: number, says: RegExp]>> = {
    'a wrong key': [{ headers: { 'x-goog-api-key': 'wrong' } }, 400, /API_KEY_INVALID/],
    'a key in the address': [{ query: '?key=AIzaSim-0123456789' }, 400, /x-goog-api-key/],
    'an unknown model': [{ model: 'gemini-9' }, 404, /models\/gemini-9 is not found/],
    'a model with a slash': [{ model: 'models/sim-1' }, 404, /not found/],
    'an unknown method': [{ method: 'chat' }, 404, /not found/],
    'a stream of another form': [{ method: 'streamGenerateContent' }, 400, /Unknown query/],
    'another type of content': [{ headers: { 'content-type': 'text/plain' } }, 400, /json/],
  };
  for (const [what, [asked, status, says]] of Object.entries(wrong)) {
    test(`refuses ${what}`, async (t) => {
      const fake = await geminiWire.start(testScope(t), { models });
      const answer = await post(fake, good, asked);
      assert.equal(answer.status, status);
      assert.match(answer.text, says);
      assert.equal(fake.refusals.length, 1);
    });
  }

  test('refuses broken bodies', async (t) => {
    const fake = await geminiWire.start(testScope(t), { models });
    assert.match((await post(fake, '{"contents":')).text, /Invalid JSON payload/);
    assert.match((await post(fake, '[]')).text, /Invalid JSON payload/);
    assert.equal(fake.posts, 2);
  });

  for (const [what, [body, name]] of Object.entries(taken)) {
    test(`takes ${what}`, async (t) => {
      const fake = await geminiWire.start(testScope(t), { models });
      fake.play([text('Yes.')]);
      const { status, text: answer } = await post(fake, body, { model: name });
      assert.deepEqual(fake.refusals, []);
      assert.equal(status, 200);
      assert.equal(partsOf(JSON.parse(answer))[0]?.['text'], 'Yes.');
    });
  }

  test('plays thoughts, text, calls and usage as a stream', async (t) => {
    const fake = await geminiWire.start(testScope(t), { models, sliceBytes: 5 });
    fake.play([
      reasoning('Let me see …'),
      text('Schön, ein Umlaut.'),
      listing,
      call('goal', {}),
      usage({ input: 10, cached: 4, output: 6, reasoning: 2 }),
    ]);
    const body = { ...withTools(shell), ...thinking({ includeThoughts: true }) };
    const events = payloads((await post(fake, body, streamed)).text);
    const parts = events.flatMap(partsOf);
    const words = (thought: boolean) =>
      parts
        .filter((part) => (part['thought'] === true) === thought)
        .map((part) => part['text'] ?? '')
        .join('');
    assert.equal(words(true), 'Let me see …');
    assert.equal(words(false), 'Schön, ein Umlaut.');
    const made = parts.filter((part) => 'functionCall' in part);
    assert.deepEqual(
      made.map((part) => [at(part, 'functionCall', 'name'), 'thoughtSignature' in part]),
      [
        ['shell', true],
        ['goal', false],
      ],
    );
    const last = events.at(-1);
    assert.equal(at(last, 'candidates', 0, 'finishReason'), 'STOP');
    assert.deepEqual(
      ['promptTokenCount', 'candidatesTokenCount', 'cachedContentTokenCount'].map((key) =>
        at(last, 'usageMetadata', key),
      ),
      [10, 4, 4],
    );
    assert.equal(at(last, 'usageMetadata', 'thoughtsTokenCount'), 2);
    assert.equal(await fake.requests[0]?.outcome, 'answered');
  });

  test('shows its thoughts only where they are asked for', async (t) => {
    const fake = await geminiWire.start(testScope(t), { models });
    fake.play([reasoning('Hm.'), text('Yes.')]);
    assert.equal(partsOf(JSON.parse((await post(fake, good)).text)).length, 1);
  });

  test('plays limits, withheld answers and calls that are no JSON', async (t) => {
    const fake = await geminiWire.start(testScope(t), { models });
    fake.play(
      [text('Half'), finish('length')],
      [finish('content_filter')],
      [call('shell', '{"cmd": "ls')],
    );
    for (const reason of ['MAX_TOKENS', 'SAFETY', 'MALFORMED_FUNCTION_CALL']) {
      const answer: unknown = JSON.parse((await post(fake, good)).text);
      assert.equal(at(answer, 'candidates', 0, 'finishReason'), reason);
    }
  });

  test('cuts, fails and stops short where the script says so', async (t) => {
    const fake = await geminiWire.start(testScope(t), { models });
    fake.play([text('Half'), cut], [text('Half'), stopShort], [text('Half'), failure('Ouch.')]);
    await assert.rejects(post(fake, good, streamed));
    const { text: short } = await post(fake, good, streamed);
    assert.match(short, /Half/);
    assert.doesNotMatch(short, /finishReason/);
    const events = payloads((await post(fake, good, streamed)).text);
    assert.equal(at(events.at(-1), 'error', 'message'), 'Ouch.');
  });
});

describe('signatures of the Gemini provider', () => {
  /** The parts of an answer to `Hello`. */
  async function made(
    fake: FakeProvider,
    ...steps: readonly Step[]
  ): Promise<readonly JsonRecord[]> {
    fake.play(steps);
    fake.playAlways([text('Fine.')]);
    return partsOf(JSON.parse((await post(fake, withContents(hello))).text));
  }

  const back = (parts: readonly object[]): object =>
    withContents(
      hello,
      model(...parts),
      user(...parts.map((part) => answers(String(at(part, 'functionCall', 'id'))))),
    );

  test('come back on the very call', async (t) => {
    const fake = await geminiWire.start(testScope(t), { models });
    const parts = await made(fake, reasoning('Hm.'), listing);
    assert.equal((await post(fake, back(parts))).status, 200);
    assert.equal(fake.requests[1]?.messages[1]?.reasoning, 'Hm.');
  });

  const changes: Readonly<Record<string, (part: JsonRecord) => JsonRecord>> = {
    'on another call': (part) => ({
      ...part,
      functionCall: { id: 'c2', name: 'shell', args: { cmd: 'pwd' } },
    }),
    'in other characters': (part) => ({
      ...part,
      thoughtSignature: String(part['thoughtSignature']).replaceAll('+', '-'),
    }),
    'as an excuse': (part) => ({ ...part, thoughtSignature: excuse }),
    'not at all': ({ functionCall }) => ({ functionCall: functionCall ?? {} }),
  };
  for (const [how, change] of Object.entries(changes)) {
    test(`are refused ${how}`, async (t) => {
      const fake = await geminiWire.start(testScope(t), { models });
      const parts = await made(fake, listing);
      const { status, text: answer } = await post(fake, back(parts.map(change)));
      assert.equal(status, 400);
      assert.match(answer, /signature/);
    });
  }

  test('of another model are refused', async (t) => {
    const fake = await geminiWire.start(testScope(t), { models });
    const parts = await made(fake, listing);
    const other = await post(fake, back(parts), { model: 'gemini-3.8-flash' });
    assert.match(other.text, /Corrupted thought signature/);
  });

  test('of a text come back on that text alone', async (t) => {
    const fake = await geminiWire.start(testScope(t), { models });
    const [part = {}] = await made(fake, text('Yes.'));
    const { thoughtSignature } = part;
    const sent = (...parts: readonly object[]) =>
      post(fake, withContents(hello, model(...parts), hello));
    assert.equal((await sent(part)).status, 200);
    assert.equal((await sent({ text: 'Yes. No.', thoughtSignature })).status, 400);
    assert.equal((await sent(say('Yes.'), { text: '', thoughtSignature })).status, 400);
  });
});

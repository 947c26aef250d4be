import assert from 'node:assert/strict';
import { at } from '../support/json.ts';
import {
  call,
  failure,
  http,
  reasoning,
  resultOf,
  type SeenRequest,
  type Step,
  type Turn,
  text,
  usage,
} from '../support/script.ts';
import type { FakeProvider } from '../support/wire.ts';

/** Thinks, speaks, and says what it cost. */
export const greeting: readonly Step[] = [
  reasoning('**Greeting**\n\nThe user says hello.'),
  text('Hello, wörld 🌍!'),
  usage({ input: 1200, cached: 1000, output: 34, reasoning: 12 }),
];

/** The same as clients must tell it. */
export const greeted = {
  thought: '**Greeting**\n\nThe user says hello.',
  words: 'Hello, wörld 🌍!',
} as const;

/** What every client's tool answers. */
export const forecast = (city: string): string => `${city.length} degrees in ${city}`;

export const forecasts = '4 degrees in Oslo, 4 degrees in Rome';

/** Asks for two forecasts at once, then tells what came of them. */
export function forecastTurns(): readonly Turn[] {
  return [
    [
      reasoning('I need both.'),
      call('forecast', { city: 'Oslo' }, 'oslo'),
      call('forecast', { city: 'Rome' }, 'rome'),
      usage({ input: 20, output: 10, reasoning: 3 }),
    ],
    (request) => [
      text(`${resultOf(request, 'oslo').text}, ${resultOf(request, 'rome').text}`),
      usage({ input: 50, cached: 20, output: 9 }),
    ],
  ];
}

/** The step of the calls went back as one message, reasoning included. */
export function assertReplayed({ requests }: FakeProvider): void {
  const second = requests[1];
  assert.deepEqual(
    second?.messages.map((message) => [message.role, message.calls.length]),
    [
      ['user', 0],
      ['assistant', 2],
      ['tool', 0],
      ['tool', 0],
    ],
  );
  assert.equal(at(second?.body, 'messages', 1, 'reasoning_content'), 'I need both.');
}

/** What a schema asks for. */
export const city = { name: 'Oslo', people: 717710 } as const;
export const cityTurn: readonly Step[] = [text(JSON.stringify(city))];

/** Tells the address of the picture that it was shown. */
export const describesImage = (request: SeenRequest): readonly Step[] => [
  text(request.messages.flatMap((message) => message.images).join(' ')),
];

const said = (message: string, code: string | null = null) => ({
  error: { message, type: 'error', param: null, code },
});

/** A provider that answers so, and what the user of a client must read. */
export const lastingRefusal = {
  turn: http(401, said('Incorrect API key provided.', 'invalid_api_key')),
  says: /sim refused the key \(401: Incorrect API key provided\.\)\. Check the key of provider "sim"\./,
} as const;

/** Failures that may pass: the client hears the status that makes it try again. */
export const passingFailures = {
  'limits the rate': {
    turn: http(429, said('Slow down, please.'), { 'retry-after': '7' }),
    status: 429,
    says: /sim limits the rate of requests \(429: Slow down, please\.\)/,
  },
  'fails inside': {
    turn: http(500, said('The worker died.')),
    status: 502,
    says: /sim failed \(500: The worker died\.\)/,
  },
} as const;

/** Fails in the middle of a stream. */
export const brokenTurn: readonly Step[] = [text('I was about to'), failure('The worker died.')];
export const broken = /sim failed \(The worker died\.\)/;

/** A model of a provider that nobody configured, and what its user must read. */
export const strangeModel = 'nobody/large';
export const strange =
  /There is no provider "nobody"\. Use "provider\/model" with one of these providers: sim\./;

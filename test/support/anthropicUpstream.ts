import { AnthropicAnswer } from './anthropicAnswer.ts';
import { ThinkingLedger } from './anthropicLedger.ts';
import { messagesOf } from './anthropicMessageRules.ts';
import { AnthropicRefusal } from './anthropicRefusal.ts';
import { checkRequest } from './anthropicRules.ts';
import { isServerSearch, serverSearchIn } from './anthropicSearchRules.ts';
import { type Arrived, type FakeRefusal, startFake } from './fakeServer.ts';
import { playScript } from './fakeStream.ts';
import { at, isRecord, type JsonRecord, listOf, textAt } from './json.ts';
import type { Scope } from './scope.ts';
import type { SeenMessage, SeenRequest, Step } from './script.ts';
import type { FakeOptions, FakeProvider, Wire } from './wire.ts';

/**
 * A Messages provider that plays scripts and refuses what Anthropic refuses. The stream's form is
 * https://platform.claude.com/docs/en/build-with-claude/streaming.
 */
export const anthropicWire: Wire = { name: 'anthropic', start: startAnthropic };

/** Makes the proxy treat the model of the scenarios as the vendor's newest. */
const simulated = {
  match: 'sim-1',
  thinking: 'adaptive',
  thinksByDefault: true,
  off: 'lowest',
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  sampling: false,
  forcedCalls: 'never',
  systemMessages: true,
  dropUnbound: true,
  outputFormat: true,
};

export interface AnthropicFake extends FakeProvider {
  /** Thinking blocks of another conversation that were dropped, as the request allowed. */
  readonly dropped: readonly string[];
}

export async function startAnthropic(
  scope: Scope,
  options: FakeOptions = {},
): Promise<AnthropicFake> {
  const models = options.models ?? ['sim-1'];
  const apiKey = 'sk-ant-sim-0123456789';
  const ledger = new ThinkingLedger();
  const fake = await startFake(scope, {
    apiKey,
    entry: (origin) => ({
      adapter: 'anthropic',
      baseUrl: origin,
      apiKey,
      models: [...models],
      quirks: { anthropic: { models: [simulated] } },
    }),
    async respond(arrived, response, next) {
      checkTransport(arrived, apiKey);
      const { body } = arrived;
      const model = checkRequest(body, arrived.headers, models);
      if (!isRecord(body)) return;
      ledger.check(body, model);
      const seen = see(arrived, body);
      const making = (steps: readonly Step[]) =>
        new AnthropicAnswer(seen.model, body, steps, ledger);
      await playScript(response, next(seen), making, {
        stream: seen.stream,
        sliceBytes: options.sliceBytes,
        wholeType: 'application/json',
        failure,
      });
    },
    refusalOf,
  });
  return Object.assign(fake, { dropped: ledger.dropped });
}

function checkTransport({ method, url, headers }: Arrived, apiKey: string): void {
  if (url !== '/v1/messages') throw new AnthropicRefusal('Not found', 404, 'not_found_error');
  if (method !== 'POST') throw new AnthropicRefusal('Method Not Allowed', 405);
  const { authorization, 'x-api-key': key } = headers;
  if (key !== apiKey && authorization !== `Bearer ${apiKey}`) {
    throw new AnthropicRefusal('invalid x-api-key', 401, 'authentication_error');
  }
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) {
    throw new AnthropicRefusal('The content type must be application/json.');
  }
}

function refusalOf(thrown: unknown): FakeRefusal {
  const { status, type, message } =
    thrown instanceof AnthropicRefusal
      ? thrown
      : new AnthropicRefusal(`fault of the fake: ${thrown}`);
  return {
    note: `${status} ${message}`,
    status,
    headers: { 'content-type': 'application/json', 'request-id': 'req_sim' },
    body: { type: 'error', error: { type, message }, request_id: 'req_sim' },
  };
}

function failure(message: string): { readonly event: JsonRecord; readonly refusal: Error } {
  return {
    event: { type: 'error', error: { type: 'api_error', message } },
    refusal: new AnthropicRefusal(message, 500, 'api_error'),
  };
}

function see({ headers, outcome }: Arrived, body: JsonRecord): SeenRequest {
  const { system } = body;
  const blocks = typeof system === 'string' ? [{ text: system }] : listOf(system);
  return {
    model: textAt(body, 'model'),
    headers,
    body,
    stream: body['stream'] === true,
    serverSearch: serverSearchIn(body),
    tools: listOf(body['tools'])
      .filter((tool) => !isServerSearch(tool))
      .map((tool) => ({
        name: textAt(tool, 'name'),
        description: String(at(tool, 'description') ?? ''),
        parameters: at(tool, 'input_schema'),
      })),
    messages: [
      ...blocks.map((block) => said('system', [block])),
      ...messagesOf(body).flatMap(({ role, blocks: content }) => seeMessage(role, content)),
    ],
    outcome,
  };
}

/** Results are messages of their own in the neutral form. */
function seeMessage(role: string, blocks: readonly JsonRecord[]): readonly SeenMessage[] {
  if (role === 'assistant' || role === 'system') return [said(role, blocks)];
  const results = blocks.filter((block) => block['type'] === 'tool_result');
  const others = blocks.filter((block) => block['type'] !== 'tool_result');
  return [
    ...results.map((result) => {
      const { content } = result;
      const parts = typeof content === 'string' ? [{ text: content }] : listOf(content);
      return { ...said('tool', parts), callId: String(result['tool_use_id']) };
    }),
    ...(others.length > 0 ? [said('user', others)] : []),
  ];
}

function said(role: SeenMessage['role'], blocks: readonly unknown[]): SeenMessage {
  return {
    role,
    text: blocks.map((block) => at(block, 'text') ?? '').join(''),
    reasoning: blocks.map((block) => at(block, 'thinking') ?? '').join(''),
    images: blocks.flatMap((block) => {
      const source = at(block, 'source');
      if (source === undefined) return [];
      const url = at(source, 'url');
      return [
        typeof url === 'string'
          ? url
          : `data:${at(source, 'media_type')};base64,${at(source, 'data')}`,
      ];
    }),
    calls: blocks.flatMap((block) =>
      at(block, 'type') === 'tool_use'
        ? [
            {
              id: textAt(block, 'id'),
              name: textAt(block, 'name'),
              arguments: JSON.stringify(at(block, 'input')),
            },
          ]
        : [],
    ),
    callId: undefined,
  };
}

import { play } from './chatAnswer.ts';
import { type ChatDialect, checkRequest } from './chatRules.ts';
import { serverSearchIn } from './chatToolRules.ts';
import { type Arrived, type FakeRefusal, startFake } from './fakeServer.ts';
import { at, listOf, textAt } from './json.ts';
import { type Refusal, Refused } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { SeenCall, SeenMessage, SeenRequest } from './script.ts';
import type { FakeOptions, FakeProvider, Wire } from './wire.ts';

/** A strict Chat Completions provider that plays scripts. */
export const chatWire: Wire = { name: 'openai-chat', start };

async function start(scope: Scope, options: FakeOptions = {}): Promise<FakeProvider> {
  const models = options.models ?? ['sim-1'];
  const apiKey = 'sk-sim-0123456789';
  const dialect: ChatDialect = {
    models,
    efforts: ['low', 'medium', 'high'],
    assistantFields: ['reasoning_content'],
  };
  return startFake(scope, {
    apiKey,
    entry: (origin) => ({
      adapter: 'openai-chat',
      baseUrl: `${origin}/v1`,
      apiKey,
      models: [...models],
      quirks: { chat: { reasoningReplay: 'field' } },
    }),
    async respond(arrived, response, next) {
      checkTransport(arrived, apiKey);
      checkRequest(arrived.body, dialect);
      const seen = see(arrived);
      await play(response, seen, next(seen), options.sliceBytes);
    },
    refusalOf,
  });
}

function checkTransport({ method, url, headers, body }: Arrived, apiKey: string): void {
  if (url !== '/v1/chat/completions') refused(404, `Unknown request URL: ${method} ${url}.`);
  if (method !== 'POST') refused(405, 'Not allowed.');
  if (headers['authorization'] !== `Bearer ${apiKey}`) {
    refused(401, 'Incorrect API key provided.', 'invalid_api_key');
  }
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) {
    refused(400, 'The content type must be application/json.');
  }
  if (body === undefined) refused(400, 'We could not parse the JSON body of your request.');
}

function refused(status: number, message: string, code: string | null = null): never {
  throw new Refused({ status, type: 'invalid_request_error', code, param: null, message });
}

function refusalOf(thrown: unknown): FakeRefusal {
  const known = thrown instanceof Refused;
  const { status, type, code, param, message }: Refusal = known
    ? thrown.refusal
    : { status: 400, type: 'invalid_request_error', code: null, param: null, message: `${thrown}` };
  return {
    note: known ? `${status} ${param ?? ''}: ${message}` : `fault of the fake: ${thrown}`,
    status,
    headers: { 'content-type': 'application/json', 'x-request-id': 'req_sim' },
    body: { error: { message, type, param, code } },
  };
}

function see({ headers, body, outcome }: Arrived): SeenRequest {
  return {
    model: textAt(body, 'model'),
    headers,
    body,
    stream: at(body, 'stream') === true,
    serverSearch: serverSearchIn(body),
    tools: listOf(at(body, 'tools'))
      .filter((tool) => at(tool, 'type') === 'function')
      .map((tool) => ({
        name: textAt(tool, 'function', 'name'),
        description: String(at(tool, 'function', 'description') ?? ''),
        parameters: at(tool, 'function', 'parameters'),
      })),
    messages: listOf(at(body, 'messages')).map(seeMessage),
    outcome,
  };
}

function seeMessage(message: unknown): SeenMessage {
  const role = textAt(message, 'role');
  const content = at(message, 'content');
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content);
  const callId = at(message, 'tool_call_id');
  return {
    role: role === 'developer' ? 'system' : knownRole(role),
    text: parts.map((part) => at(part, 'text') ?? '').join(''),
    reasoning: String(at(message, 'reasoning_content') ?? ''),
    images: parts.flatMap((part) =>
      at(part, 'type') === 'image_url' ? [textAt(part, 'image_url', 'url')] : [],
    ),
    calls: listOf(at(message, 'tool_calls')).map(seeCall),
    callId: typeof callId === 'string' ? callId : undefined,
  };
}

function knownRole(role: string): SeenMessage['role'] {
  if (role === 'system' || role === 'user' || role === 'assistant' || role === 'tool') return role;
  throw new Error(`unknown role ${role}`);
}

function seeCall(item: unknown): SeenCall {
  return {
    id: textAt(item, 'id'),
    name: textAt(item, 'function', 'name'),
    arguments: textAt(item, 'function', 'arguments'),
  };
}

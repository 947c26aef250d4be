import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { asksForModels } from './fakeServer.ts';
import { at, listOf, textAt } from './json.ts';
import { serveIn } from './listen.ts';
import type { Refusal } from './refusal.ts';
import { play } from './responsesAnswer.ts';
import { partText } from './responsesItemRules.ts';
import { ReasoningLedger } from './responsesLedger.ts';
import { type ResponsesDialect, refusalOf } from './responsesRules.ts';
import { isServerSearch } from './responsesToolRules.ts';
import type { Scope } from './scope.ts';
import type { SeenMessage, SeenRequest, Turn } from './script.ts';
import type { FakeOptions, FakeProvider, Wire } from './wire.ts';

/** A strict Responses provider that is not OpenAI: it knows functions and nothing else. */
export const responsesWire: Wire = { name: 'openai-responses', start };

async function start(scope: Scope, options: FakeOptions = {}): Promise<FakeProvider> {
  const models = options.models ?? ['sim-1'];
  const apiKey = 'sk-responses-0123456789';
  const dialect: ResponsesDialect = { models, efforts: ['low', 'medium', 'high'] };
  const ledger = new ReasoningLedger();
  const requests: SeenRequest[] = [];
  const refusals: string[] = [];
  const turns: Turn[] = [];
  let always: Turn | undefined;
  let posts = 0;

  const server = createServer((request, response) => {
    void answer(request, response).catch((fault: unknown) => {
      refusals.push(`fault of the fake: ${String(fault)}`);
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 400, message: String(fault) });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (asksForModels(request)) {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = parse(Buffer.concat(chunks).toString('utf8'));
    if (request.method === 'POST') posts += 1;
    const refusal = refusalOfRequest(request, body) ?? refusalOf(body, dialect, ledger);
    if (refusal !== undefined) {
      refusals.push(`${refusal.status} ${refusal.param ?? ''}: ${refusal.message}`);
      refuse(response, refusal);
      return;
    }
    const seen = see(request, body, response);
    requests.push(seen);
    const turn = turns.shift() ?? always;
    if (turn === undefined) throw new Error('the script has no turn for this request');
    const script = typeof turn === 'function' ? turn(seen) : turn;
    await play(response, seen, script, ledger, options.sliceBytes);
  }

  function refusalOfRequest(request: IncomingMessage, body: unknown): Partial<Refusal> | undefined {
    if (request.url !== '/v1/responses') {
      return { status: 404, message: `Unknown request URL: ${request.method} ${request.url}.` };
    }
    if (request.method !== 'POST') return { status: 405, message: 'Not allowed.' };
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      return { status: 401, code: 'invalid_api_key', message: 'Incorrect API key provided.' };
    }
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
      return { status: 400, message: 'The content type must be application/json.' };
    }
    if (body === undefined) {
      return { status: 400, message: 'We could not parse the JSON body of your request.' };
    }
    return undefined;
  }

  const port = await serveIn(scope, server);

  return {
    entry: {
      adapter: 'openai-responses',
      passthrough: false,
      baseUrl: `http://127.0.0.1:${port}/v1`,
      apiKey,
      models: [...models],
    },
    apiKey,
    requests,
    refusals,
    get posts() {
      return posts;
    },
    get unplayed() {
      return turns.length;
    },
    play: (...more) => void turns.push(...more),
    playAlways: (turn) => {
      always = turn;
    },
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, refusal: Partial<Refusal>): void {
  const { status = 400, type = 'invalid_request_error', code = null, param = null } = refusal;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message: refusal.message, type, param, code } }));
}

function see(request: IncomingMessage, body: unknown, response: ServerResponse): SeenRequest {
  return {
    model: textAt(body, 'model'),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    body,
    stream: at(body, 'stream') === true,
    serverSearch: listOf(at(body, 'tools')).find(isServerSearch),
    tools: listOf(at(body, 'tools'))
      .filter((tool) => !isServerSearch(tool))
      .map((tool) => ({
        name: textAt(tool, 'name'),
        description: String(at(tool, 'description') ?? ''),
        parameters: at(tool, 'parameters'),
      })),
    messages: seeMessages(body),
    outcome: new Promise((settle) => {
      response.once('close', () => settle(response.writableFinished ? 'answered' : 'aborted'));
    }),
  };
}

/** What the model made between two inputs is one message, as the other wires have it. */
function seeMessages(body: unknown): readonly SeenMessage[] {
  const messages: SeenMessage[] = [];
  const instructions = at(body, 'instructions');
  if (typeof instructions === 'string') messages.push({ ...nothing, text: instructions });
  const input = at(body, 'input');
  if (typeof input === 'string') messages.push({ ...nothing, role: 'user', text: input });
  for (const item of listOf(input)) {
    switch (at(item, 'type') ?? 'message') {
      case 'message': {
        const content = at(item, 'content');
        const role = at(item, 'role');
        if (role === 'assistant') {
          extend(messages, { text: partText(content) });
          break;
        }
        const images = listOf(content).flatMap((part) =>
          at(part, 'type') === 'input_image' ? [textAt(part, 'image_url')] : [],
        );
        const seenRole = role === 'user' ? 'user' : 'system';
        messages.push({ ...nothing, role: seenRole, text: partText(content), images });
        break;
      }
      case 'reasoning':
        extend(messages, { reasoning: partText(at(item, 'summary')) });
        break;
      case 'function_call':
        extend(messages, {
          calls: [
            {
              id: textAt(item, 'call_id'),
              name: textAt(item, 'name'),
              arguments: textAt(item, 'arguments'),
            },
          ],
        });
        break;
      default: {
        const output = at(item, 'output');
        const images = listOf(output).flatMap((part) =>
          at(part, 'type') === 'input_image' ? [textAt(part, 'image_url')] : [],
        );
        const callId = textAt(item, 'call_id');
        messages.push({ ...nothing, role: 'tool', text: partText(output), images, callId });
      }
    }
  }
  return messages;
}

const nothing: SeenMessage = {
  role: 'system',
  text: '',
  reasoning: '',
  images: [],
  calls: [],
  callId: undefined,
};

function extend(messages: SeenMessage[], more: Partial<SeenMessage>): void {
  const last = messages.at(-1);
  const base: SeenMessage =
    last?.role === 'assistant' ? last : { ...nothing, role: 'assistant' as const };
  if (base === last) messages.pop();
  messages.push({
    ...base,
    text: base.text + (more.text ?? ''),
    reasoning: base.reasoning + (more.reasoning ?? ''),
    calls: [...base.calls, ...(more.calls ?? [])],
  });
}

/**
 * The provider of the benchmark, as a process of its own: it streams chunks that carry the time at
 * which they were sent. The model's name says how: `first`, `paced-<chunks>-<ms>`, `burst-<chunks>`.
 */
import { createServer, type ServerResponse } from 'node:http';

type Wire = 'chat' | 'responses';

const server = createServer((request, response) => {
  let head = '';
  request.on('data', (chunk: Buffer) => {
    if (head.length < 2048) head += chunk.toString('latin1', 0, 2048);
  });
  request.on('end', () => {
    const model = /"model"\s*:\s*"([^"]+)"/.exec(head)?.[1] ?? 'first';
    const wire: Wire = request.url?.endsWith('/chat/completions') ? 'chat' : 'responses';
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    void stream(response, wire, model.slice(model.lastIndexOf('/') + 1));
  });
});

async function stream(response: ServerResponse, wire: Wire, script: string): Promise<void> {
  const [kind, chunks = '1', pause = '0'] = script.split('-');
  const count = kind === 'first' ? 1 : Number(chunks);
  response.write(opening[wire]);
  if (kind === 'paced') await paced(response, wire, count, Number(pause));
  else await burst(response, wire, count);
  response.end(closing[wire]);
}

async function burst(response: ServerResponse, wire: Wire, count: number): Promise<void> {
  const batch = 32;
  for (let sent = 0; sent < count; sent += batch) {
    let text = '';
    for (let i = sent; i < Math.min(count, sent + batch); i += 1) text += delta[wire]();
    if (!response.write(text) && !response.destroyed) await drained(response);
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const resume = () => {
      response.off('drain', resume).off('close', resume);
      resolve();
    };
    response.on('drain', resume).on('close', resume);
  });
}

function paced(response: ServerResponse, wire: Wire, count: number, ms: number): Promise<void> {
  return new Promise((done) => {
    let sent = 0;
    const timer = setInterval(() => {
      response.write(delta[wire]());
      sent += 1;
      if (sent < count && !response.destroyed) return;
      clearInterval(timer);
      done();
    }, ms);
  });
}

const stamp = () => `@${process.hrtime.bigint()}; `;
const event = (payload: unknown) => `data: ${JSON.stringify(payload)}\n\n`;
const chat = (fields: object, finish: string | null) =>
  event({
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'bench',
    choices: [{ index: 0, delta: fields, finish_reason: finish }],
  });
const typed = (type: string, fields: object) => `event: ${type}\n${event({ type, ...fields })}`;

const delta = {
  chat: () => chat({ content: stamp() }, null),
  responses: () =>
    typed('response.output_text.delta', {
      item_id: 'msg_bench',
      output_index: 0,
      content_index: 0,
      delta: stamp(),
    }),
} as const;

const opening = {
  chat: chat({ role: 'assistant', content: '' }, null),
  responses: typed('response.created', { response: { id: 'resp_bench', status: 'in_progress' } }),
} as const;

const closing = {
  chat: `${chat({}, 'stop')}${event({
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
  })}data: [DONE]\n\n`,
  responses: typed('response.completed', {
    response: {
      id: 'resp_bench',
      status: 'completed',
      usage: { input_tokens: 10, output_tokens: 10, total_tokens: 20 },
    },
  }),
} as const;

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});

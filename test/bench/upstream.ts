/**
 * The provider of the benchmark, as a process of its own: it streams chunks that carry the time at
 * which they were sent. The model's name says how: `first`, `paced-<chunks>-<ms>`, `burst-<chunks>`;
 * `size` says how many bytes the request had.
 */
import { createServer, type ServerResponse } from 'node:http';

type Wire = 'chat' | 'responses' | 'anthropic' | 'google';

const server = createServer((request, response) => {
  let head = '';
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (head.length < 2048) head += chunk.toString('latin1', 0, 2048);
  });
  request.on('end', () => {
    const { url = '' } = request;
    const wire = wireOf(url);
    const named = wire === 'google' ? /models\/([^:]+):/ : /"model"\s*:\s*"([^"]+)"/;
    const model = named.exec(wire === 'google' ? url : head)?.[1] ?? 'first';
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const script = model.slice(model.lastIndexOf('/') + 1);
    if (script === 'size') {
      response.end(opening[wire] + delta[wire](`${bytes} bytes`) + closing[wire]);
    } else void stream(response, wire, script);
  });
});

function wireOf(url: string): Wire {
  if (url.includes('/chat/completions')) return 'chat';
  if (url.includes('/messages')) return 'anthropic';
  return url.includes(':streamGenerateContent') ? 'google' : 'responses';
}

async function stream(response: ServerResponse, wire: Wire, script: string): Promise<void> {
  const [kind, chunks = '1', pause = '0'] = script.split('-');
  const count = kind === 'first' ? 1 : Number(chunks);
  if (opening[wire] !== '') response.write(opening[wire]);
  if (kind === 'paced') await paced(response, wire, count, Number(pause));
  else await burst(response, wire, count);
  response.end(closing[wire]);
}

async function burst(response: ServerResponse, wire: Wire, count: number): Promise<void> {
  const batch = 32;
  for (let sent = 0; sent < count; sent += batch) {
    let text = '';
    for (let i = sent; i < Math.min(count, sent + batch); i += 1) text += delta[wire](stamp());
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
      response.write(delta[wire](stamp()));
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

const googleChunk = (fields: object) =>
  event({ modelVersion: 'bench', responseId: 'r_bench', ...fields });
const googleText = (text: string, finishReason?: string) =>
  googleChunk({
    candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, finishReason }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 10, totalTokenCount: 20 },
  });

const delta = {
  anthropic: (text: string) =>
    typed('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  google: (text: string) => googleText(text),
  chat: (text: string) => chat({ content: text }, null),
  responses: (text: string) =>
    typed('response.output_text.delta', {
      item_id: 'msg_bench',
      output_index: 0,
      content_index: 0,
      delta: text,
    }),
} as const;

const opening = {
  anthropic:
    typed('message_start', {
      message: {
        id: 'msg_bench',
        type: 'message',
        role: 'assistant',
        model: 'bench',
        content: [],
        stop_reason: null,
        usage: { input_tokens: 10, output_tokens: 1 },
      },
    }) + typed('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  google: '',
  chat: chat({ role: 'assistant', content: '' }, null),
  responses:
    typed('response.created', { response: { id: 'resp_bench', status: 'in_progress' } }) +
    typed('response.output_item.added', {
      output_index: 0,
      item: { type: 'message', id: 'msg_bench', role: 'assistant', content: [] },
    }),
} as const;

const closing = {
  anthropic:
    typed('content_block_stop', { index: 0 }) +
    typed('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 10 } }) +
    typed('message_stop', {}),
  google: googleText('', 'STOP'),
  chat: `${chat({}, 'stop')}${event({
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
  })}data: [DONE]\n\n`,
  responses:
    typed('response.output_item.done', {
      output_index: 0,
      item: {
        type: 'message',
        id: 'msg_bench',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'done', annotations: [] }],
      },
    }) +
    typed('response.completed', {
      response: {
        id: 'resp_bench',
        status: 'completed',
        usage: { input_tokens: 10, output_tokens: 10, total_tokens: 20 },
      },
    }),
} as const;

// A connection that is idle between two rounds must not end while the next one takes it up.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});

import { request, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTurn } from '../proxy/client.ts';
import type { Random } from '../responses/random.ts';
import { chatChunk, chatStream, eventStream, type Respond } from '../support/upstream.ts';

const completed =
  'event: response.completed\ndata: {"type":"response.completed","response":{"id":"r","object":"response","status":"completed","output":[]}}\n\n';

const delta = (text: string): string =>
  `event: response.output_text.delta\ndata: ${JSON.stringify({ type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta: text })}\n\n`;

/** What a provider does, by the model's name. */
const good = ['short', 'short', 'long', 'paced', 'paced', 'tool', 'large', 'half', 'e400'] as const;
/** Enough of these in a row, and a provider is left alone for a while. */
const bad = ['short', 'reset', 'early', 'e500', 'html'] as const;

const call = {
  tool_calls: [
    { index: 0, id: 'call_soak_1', type: 'function', function: { name: 'run', arguments: '{}' } },
  ],
};

/** Whether that was all there is to say. */
function refused(kind: string, response: ServerResponse): boolean {
  switch (kind) {
    case 'e400':
    case 'e500':
      response.writeHead(kind === 'e400' ? 400 : 500, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"This is a bad day."}}');
      return true;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Gateway</title>');
      return true;
    case 'early':
      response.destroy();
      return true;
    default:
      return false;
  }
}

/** A provider with good and bad days. */
export const respond: Respond = async ({ path, body, aborted }, response) => {
  const kind = /"model":\s*"(\w+)/.exec(body.subarray(0, 2_000).toString())?.[1] ?? 'short';
  const chat = path.includes('/chat/');
  const piece = chat ? chatChunk : delta;
  const end = chat ? chatStream({ content: 'end' }) : completed;
  let gone = false;
  void aborted.then(() => {
    gone = true;
  });
  const write = async (text: string): Promise<void> => {
    if (response.write(text) || gone) return;
    await Promise.race([new Promise((drained) => response.once('drain', drained)), aborted]);
  };
  if (refused(kind, response)) return;
  response.writeHead(200, eventStream);
  switch (kind) {
    case 'long':
      for (let n = 0; n < 30 && !gone; n += 1) await write(piece('word ').repeat(20));
      break;
    case 'large':
      for (let n = 0; n < 40 && !gone; n += 1) await write(piece('x'.repeat(50_000)));
      break;
    case 'paced':
      for (let n = 0; n < 15 && !gone; n += 1) {
        await write(piece('word '));
        await sleep(15);
      }
      break;
    case 'tool':
      await write(chat ? chatStream(call, {}) : '');
      break;
    case 'reset':
      await write(piece('so far'));
      response.destroy();
      return;
    case 'half':
      await write(piece('and then'));
      return; // until the client gives up
  }
  if (!gone) response.end(end);
};

interface Address {
  readonly port: number;
  readonly token: string;
}

function history(random: Random): object[] {
  const text = 'A line of what was said before.\n';
  const size = random.pick([4, 4, 4, 40, 40, 400, 1_500]);
  return [
    {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: text.repeat(size * 32) }],
    },
  ];
}

/** One request as clients make them, good or bad; resolves when it is over. */
export async function oneRequest(proxy: Address, random: Random): Promise<void> {
  const dice = random.below(100);
  if (dice < 4) return await get(proxy, '/v1/models');
  if (dice < 7) return await get(proxy, '/api/requests?limit=50');
  if (dice < 9) return await get(proxy, '/api/state', false);
  const kind = random.chance(85) ? random.pick(good) : random.pick(bad);
  const faulty = bad.some((name) => name === kind && name !== 'short');
  const model = `${faulty ? 'flaky' : random.pick(['chat', 'pass'])}/${kind}`;
  const broken = random.chance(3) ? { body: '{"model":' } : {};
  const stream = kind === 'half' || random.chance(85);
  const answer = await openTurn(proxy, { model, input: history(random), stream }, broken);
  const givesUp = kind === 'half' || random.chance(15);
  if (givesUp) {
    await Promise.race([answer.ended, sleep(random.below(60))]);
    answer.close();
  } else if (random.chance(15)) {
    answer.pause();
    await sleep(random.below(200));
    answer.resume();
  }
  await answer.ended;
}

/** As fast as it goes, to fill what has a cap. */
export async function shortTurn(proxy: Address): Promise<void> {
  const answer = await openTurn(proxy, { model: 'chat/short', stream: true });
  await answer.ended;
}

function get({ port, token }: Address, path: string, authorized = true): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = authorized ? { authorization: `Bearer ${token}` } : {};
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      answer.resume().on('close', () => resolve());
    });
    sent.on('error', reject).end();
  });
}

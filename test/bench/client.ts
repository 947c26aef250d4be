/** Sends requests and notes when the stamped chunks arrive. */
import { Agent, request as httpRequest } from 'node:http';

export interface Endpoint {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Put before the model's name, e.g. `chat/`. */
  readonly prefix: string;
}

export interface Streamed {
  /** From sending the request to its first stamped chunk, in milliseconds. */
  readonly firstMs: number;
  /** How old each chunk was when it arrived, in milliseconds. */
  readonly ages: readonly number[];
  readonly totalMs: number;
}

/** So long may a server say nothing. */
const silentMs = 60_000;
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** Runs one request to its end. Fails on any status but 200 and on an answer without chunks. */
export function stream(endpoint: Endpoint, body: Buffer, measureAges: boolean): Promise<Streamed> {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const arrivals = new Arrivals(started, measureAges);
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port: endpoint.port,
        path: endpoint.path,
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          ...endpoint.headers,
        },
      },
      (answer) => {
        answer.on('data', (chunk: Buffer) => arrivals.read(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const { firstMs, ages } = arrivals;
          if (answer.statusCode !== 200 || Number.isNaN(firstMs)) {
            reject(new Error(`Status ${answer.statusCode} without chunks from ${endpoint.port}`));
            return;
          }
          resolve({ firstMs, ages, totalMs: milliseconds(process.hrtime.bigint() - started) });
        });
      },
    );
    outgoing.setTimeout(silentMs, () => {
      outgoing.destroy(
        new Error(`Nothing came from ${endpoint.port} for ${silentMs / 1000} seconds`),
      );
    });
    outgoing.on('error', (error) => {
      // The other side may close an idle connection just when it is used again.
      if (outgoing.reusedSocket && Number.isNaN(arrivals.firstMs)) {
        stream(endpoint, body, measureAges).then(resolve, reject);
      } else reject(error);
    });
    outgoing.end(body);
  });
}

/** Finds the stamps in an answer. The end of a Responses stream repeats its text, so each counts once. */
class Arrivals {
  firstMs = Number.NaN;
  readonly ages: number[] = [];
  readonly #started: bigint;
  readonly #measureAges: boolean;
  #newest = 0n;
  #rest = '';

  constructor(started: bigint, measureAges: boolean) {
    this.#started = started;
    this.#measureAges = measureAges;
  }

  read(chunk: Buffer): void {
    if (!this.#measureAges && !Number.isNaN(this.firstMs)) return;
    const now = process.hrtime.bigint();
    const text = this.#rest + chunk.toString('latin1');
    for (const [, digits = '0'] of text.matchAll(/@(\d+); /g)) {
      const stamp = BigInt(digits);
      if (stamp <= this.#newest) continue;
      this.#newest = stamp;
      if (Number.isNaN(this.firstMs)) this.firstMs = milliseconds(now - this.#started);
      this.ages.push(milliseconds(now - stamp));
    }
    const open = text.lastIndexOf('@');
    this.#rest = open < 0 || text.includes('; ', open) ? '' : text.slice(open);
  }
}

/** A request of Codex's shape with a long history of shell calls, about `bytes` long. */
export function requestBody(model: string, bytes: number): Buffer {
  const input: unknown[] = [
    message('developer', 'You are a coding agent. Work until the task is done.'),
    message('user', 'Find out why the build is slow and make it fast.'),
  ];
  const tools = [
    {
      type: 'function',
      name: 'exec_command',
      description: 'Runs a command in a PTY.',
      strict: false,
      parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
    },
  ];
  const rest = { stream: true, store: false, tool_choice: 'auto', parallel_tool_calls: true };
  const output = 'src/build/step.ts:42  const started = performance.now(); // "timing"\n'.repeat(
    24,
  );
  let size = JSON.stringify({ model, input, tools, ...rest }).length;
  for (let turn = 0; size < bytes; turn += 1) {
    const room = Math.max(40, Math.min(output.length, bytes - size - 400));
    const step = [
      {
        type: 'function_call',
        id: `fc_${turn}`,
        call_id: `call_${turn}`,
        name: 'exec_command',
        arguments: JSON.stringify({ cmd: `sed -n '1,200p' src/build/step${turn}.ts` }),
      },
      { type: 'function_call_output', call_id: `call_${turn}`, output: output.slice(0, room) },
    ];
    input.push(...step);
    size += JSON.stringify(step).length;
  }
  return Buffer.from(JSON.stringify({ model, input, tools, ...rest }));
}

function message(role: string, text: string): object {
  return { type: 'message', role, content: [{ type: 'input_text', text }] };
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

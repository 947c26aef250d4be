import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { chatWire } from '../support/chatUpstream.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { assertValidEvents, assertValidResponse } from '../support/responsesSchema.ts';
import { type Scope, testScope } from '../support/scope.ts';
import type { FakeProvider } from '../support/wire.ts';

/** The model as a client names it: `sim` is the provider's id in config.json. */
export const model = 'sim/sim-1';

/** Nothing but the proxy may be asked: an SDK that reports somewhere fails the test it does so in. */
const strayRequests: string[] = [];
const netFetch = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  if (new URL(url).hostname === '127.0.0.1') return netFetch(input, init);
  strayRequests.push(url);
  return Promise.reject(new Error(`no network in tests: ${url}`));
};

/** One request of a client, and what came back as it was on the wire. */
interface Exchange {
  readonly status: number;
  readonly type: string;
  /** As JSON. */
  readonly request: unknown;
  answer: string;
  complete: boolean;
}

/** What a client is given, the strict fake provider behind it, and what crossed between. */
export interface ClientStack {
  readonly scope: Scope;
  readonly provider: FakeProvider;
  readonly proxy: RunningProxy;
  readonly baseURL: string;
  readonly apiKey: string;
  readonly fetch: typeof globalThis.fetch;
  readonly exchanges: readonly Exchange[];
}

export interface StackOptions {
  /** Over the fake's own entry in config.json. */
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly keepAliveMs?: number;
}

/** Every answer that crosses has to be valid when the test is over, and every request at the provider. */
export async function startStack(t: TestContext, options: StackOptions = {}): Promise<ClientStack> {
  const scope = testScope(t);
  const provider = await chatWire.start(scope);
  const entry = { ...provider.entry, ...options.entry };
  const proxy = await startProxy(
    scope,
    { defaultProvider: 'sim', providers: { sim: entry } },
    options.keepAliveMs === undefined ? {} : { keepAliveMs: options.keepAliveMs },
  );
  const exchanges: Exchange[] = [];
  scope.add(() => {
    for (const exchange of exchanges) assertValid(exchange);
    assert.deepEqual(provider.refusals, []);
    assert.equal(provider.unplayed, 0, 'turns that nobody asked for');
    assert.deepEqual(strayRequests.splice(0), []);
  });
  return {
    scope,
    provider,
    proxy,
    baseURL: proxy.baseUrl,
    apiKey: proxy.token,
    fetch: recordingFetch(exchanges),
    exchanges,
  };
}

/** The provider's quirk that earlier reasoning goes back to it, as DeepSeek's and Kimi's does. */
export const replaysReasoning = { quirks: { chat: { reasoningReplay: 'field' } } } as const;

/** A red picture of one pixel. */
export const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';

/** Keeps what crosses, and hands it on piece by piece, so that an abort goes through. */
function recordingFetch(exchanges: Exchange[]): typeof globalThis.fetch {
  return async (input, init) => {
    const answer = await globalThis.fetch(input, init);
    const exchange: Exchange = {
      status: answer.status,
      type: answer.headers.get('content-type') ?? '',
      request: typeof init?.body === 'string' ? JSON.parse(init.body) : undefined,
      answer: '',
      complete: false,
    };
    exchanges.push(exchange);
    const decoder = new TextDecoder();
    const recorder = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        exchange.answer += decoder.decode(chunk, { stream: true });
        controller.enqueue(chunk);
      },
      flush() {
        exchange.complete = true;
      },
    });
    return new Response(answer.body?.pipeThrough(recorder) ?? null, {
      status: answer.status,
      statusText: answer.statusText,
      headers: answer.headers,
    });
  };
}

function assertValid({ status, type, request, answer, complete }: Exchange): void {
  if (!complete || status !== 200 || request === undefined) return;
  if (type.startsWith('text/event-stream')) assertValidEvents(answer);
  else assertValidResponse(JSON.parse(answer));
}

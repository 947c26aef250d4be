import assert from 'node:assert/strict';
import { at, isRecord, type JsonRecord } from './json.ts';
import { type RunningProxy, startProxy } from './proxy.ts';
import { assertValidEvents } from './responsesSchema.ts';
import type { Scope } from './scope.ts';
import type { FakeProvider, Wire } from './wire.ts';

/** What a client got for one request. */
export interface Answered {
  readonly status: number;
  /** Of a stream; each was checked against the schemas. */
  readonly events: readonly JsonRecord[];
  /** The items that are done: all that Codex goes by. */
  readonly items: readonly JsonRecord[];
  /** Those of them that call a tool. */
  readonly calls: readonly JsonRecord[];
  readonly text: string;
  /** The last event, which ends the answer. */
  readonly end: JsonRecord | undefined;
}

/** Keeps a conversation as Codex does, and sends all of it with each request. */
export class Session {
  readonly #proxy: RunningProxy;
  readonly #fields: JsonRecord;
  readonly history: object[] = [];

  /** `fields` go into every request: `model`, `tools` and whatever else. */
  constructor(proxy: RunningProxy, fields: object) {
    this.#proxy = proxy;
    this.#fields = { model: 'sim/sim-1', stream: true, store: false, ...fields };
  }

  async ask(...items: readonly object[]): Promise<Answered> {
    this.history.push(...items);
    const response = await fetch(`${this.#proxy.baseUrl}/responses`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#proxy.token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ...this.#fields, input: this.history }),
    });
    const text = await response.text();
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const events = isStream ? assertValidEvents(text) : [];
    const done = events
      .filter((event) => event['type'] === 'response.output_item.done')
      .flatMap((event) => (isRecord(event['item']) ? [event['item']] : []));
    this.history.push(...done);
    return {
      status: response.status,
      events,
      items: done,
      calls: done.filter((item) => 'call_id' in item),
      text,
      end: events.at(-1),
    };
  }

  /** The same, where the answer has to be complete. */
  async done(...items: readonly object[]): Promise<Answered> {
    const answer = await this.ask(...items);
    assert.equal(at(answer.end, 'type'), 'response.completed', answer.text.slice(-1000));
    return answer;
  }
}

/** A strict provider of one wire format, the proxy in front of it, and who asks. */
export async function startSession(
  scope: Scope,
  wire: Wire,
  fields: object = {},
  quirks: object = {},
): Promise<{
  readonly provider: FakeProvider;
  readonly proxy: RunningProxy;
  readonly session: Session;
}> {
  const provider = await wire.start(scope);
  const own = provider.entry['quirks'];
  const entry = { ...provider.entry, quirks: { ...(isRecord(own) ? own : {}), ...quirks } };
  const proxy = await startProxy(scope, { defaultProvider: 'sim', providers: { sim: entry } });
  return { provider, proxy, session: new Session(proxy, fields) };
}

/** Items as Codex writes them. */
export const said = (role: string, text: string): object => ({
  type: 'message',
  role,
  content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }],
});

export const called = (callId: string, name = 'run', args = '{}'): object => ({
  type: 'function_call',
  call_id: callId,
  name,
  arguments: args,
});

export const returned = (callId: unknown, output: string): object => ({
  type: 'function_call_output',
  call_id: callId,
  output,
});

/** A function as Codex declares it. */
export const fn = (
  name: string,
  parameters: object = { type: 'object', properties: {} },
): object => ({
  type: 'function',
  name,
  description: `Does ${name}`,
  strict: false,
  parameters,
});

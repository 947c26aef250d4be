import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonRecord } from './json.ts';
import { type Answer, isHttp, type Step } from './script.ts';

/** The steps that put something into an answer. */
export type ContentStep = Step & { step: 'text' | 'reasoning' | 'call' | 'searched' };

/** One answer in the making, in the terms of a wire format. */
export interface FakeAnswer {
  /** The events in front of the first step's, once. */
  begin(): readonly JsonRecord[];
  add(step: ContentStep): readonly JsonRecord[];
  end(): readonly JsonRecord[];
  whole(): JsonRecord;
  /** An event as it stands in the stream. */
  frame(event: JsonRecord): string;
}

export interface FakeStreamOptions {
  /** The request asks for a stream. */
  readonly stream: boolean;
  readonly sliceBytes: number | undefined;
  /** The content type of an answer in one piece. */
  readonly wholeType: string;
  /** How the vendor says in the middle of an answer that it failed. */
  failure(message: string): { readonly event: JsonRecord; readonly refusal: Error };
}

/** Plays an answer of a script, as a stream or in one piece. */
export async function playScript(
  response: ServerResponse,
  played: Answer,
  making: (steps: readonly Step[]) => FakeAnswer,
  options: FakeStreamOptions,
): Promise<void> {
  if (isHttp(played)) {
    response.writeHead(played.status, { ...played.headers });
    response.end(played.body);
    return;
  }
  await playSteps(response, played, making(played), options);
}

async function playSteps(
  response: ServerResponse,
  steps: readonly Step[],
  answer: FakeAnswer,
  { stream, sliceBytes, wholeType, failure }: FakeStreamOptions,
): Promise<void> {
  const write = (events: readonly JsonRecord[]): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) {
      const bytes = Buffer.from(answer.frame(event));
      const slice = sliceBytes ?? bytes.length;
      for (let from = 0; from < bytes.length; from += slice) {
        response.write(bytes.subarray(from, from + slice));
      }
    }
  };
  /** The headers go out even where there is no event without content. */
  const open = (): void => {
    write(answer.begin());
    response.flushHeaders();
  };
  for (const step of steps) {
    if (response.destroyed) return;
    switch (step.step) {
      case 'silence':
        if (stream && !step.beforeHeaders) open();
        await sleep(step.ms);
        break;
      case 'gate':
        if (stream) open();
        await step.opened;
        break;
      case 'cut':
        await flushed(response);
        response.socket?.resetAndDestroy();
        return;
      case 'stop_short':
        response.end();
        return;
      case 'failure': {
        const { event, refusal } = failure(step.message);
        if (!stream) throw refusal;
        write([event]);
        response.end();
        return;
      }
      case 'text':
      case 'reasoning':
      case 'call':
      case 'searched': {
        const events = answer.add(step);
        if (stream) write([...answer.begin(), ...events]);
        break;
      }
      case 'usage':
      case 'finish':
        break;
    }
  }
  if (stream) {
    write([...answer.begin(), ...answer.end()]);
    response.end();
    return;
  }
  response.writeHead(200, { 'content-type': wholeType });
  response.end(JSON.stringify(answer.whole()));
}

/** What was written has left for the socket, so that a cut comes after it. */
function flushed(response: ServerResponse): Promise<void> {
  if (!response.headersSent) return Promise.resolve();
  return new Promise((done) => {
    response.write('', () => setImmediate(done));
  });
}

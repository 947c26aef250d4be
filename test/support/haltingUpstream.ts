import type { Scope } from './scope.ts';
import { gate } from './until.ts';
import {
  chatChunk,
  chatStream,
  eventStream,
  type FakeUpstream,
  startUpstream,
} from './upstream.ts';

export interface HaltingUpstream {
  readonly upstream: FakeUpstream;
  /** Lets the answers end. */
  goOn(): void;
}

/** Answers `one two`, and halts between the two words. */
export async function startHaltingUpstream(scope: Scope): Promise<HaltingUpstream> {
  const go = gate();
  const upstream = await startUpstream(scope, async (_request, response) => {
    response.writeHead(200, eventStream).write(chatChunk('one'));
    await go.opened;
    response.end(chatStream({ content: ' two' }));
  });
  return { upstream, goOn: go.open };
}

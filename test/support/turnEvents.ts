import assert from 'node:assert/strict';
import type { Decoder } from '../../src/adapters/adapter.ts';
import type { TurnError } from '../../src/turn/error.ts';
import type { FinishReason, TurnEvent, Usage } from '../../src/turn/event.ts';
import type { Json } from '../../src/turn/turn.ts';

/** What an answer came to. */
export interface Outcome {
  readonly text: string;
  readonly reasoning: string;
  readonly carries: readonly Json[];
  /** Only calls that were ended: the ones that Codex would run. */
  readonly calls: readonly { readonly id: string | undefined; name: string; arguments: string }[];
  /** The kinds of the blocks that were ended, in order. */
  readonly blocks: readonly string[];
  readonly usage: Usage | undefined;
  readonly finish: FinishReason | undefined;
  readonly error: TurnError | undefined;
}

/** Everything that a decoder makes of chunks, and of the end. */
export function decodeAll(decoder: Decoder, chunks: Iterable<Uint8Array>): readonly TurnEvent[] {
  const events: TurnEvent[] = [];
  for (const chunk of chunks) events.push(...decoder.push(chunk));
  events.push(...decoder.end());
  return events;
}

type Kind = 'text' | 'reasoning' | 'call';

/** Adds events up, and checks on the way that they keep the grammar of `src/turn/event.ts`. */
export function outcomeOf(events: readonly TurnEvent[]): Outcome {
  const all = { text: '', reasoning: '' };
  const carries: Json[] = [];
  const calls: { id: string | undefined; name: string; arguments: string }[] = [];
  const blocks: string[] = [];
  let open: Kind | undefined;
  let call: { id: string | undefined; name: string; arguments: string } | undefined;
  let usage: Usage | undefined;
  let last: TurnEvent | undefined;
  const begin = (kind: Kind): void => {
    assert.equal(open, undefined, `${kind} begins inside ${open}`);
    open = kind;
  };
  const within = (kind: Kind): void => assert.equal(open, kind, `a ${kind} event inside ${open}`);
  const finishBlock = (kind: Kind): void => {
    within(kind);
    open = undefined;
    blocks.push(kind);
  };
  for (const event of events) {
    assert.ok(last?.type !== 'finish' && last?.type !== 'error', `${event.type} after the end`);
    if (last?.type === 'usage') assert.match(event.type, /^(?:finish|error)$/);
    last = event;
    switch (event.type) {
      case 'text.start':
        begin('text');
        break;
      case 'text.delta':
        within('text');
        all.text += event.text;
        break;
      case 'text.end':
        finishBlock('text');
        break;
      case 'reasoning.start':
        begin('reasoning');
        break;
      case 'reasoning.delta':
        within('reasoning');
        all.reasoning += event.text;
        break;
      case 'reasoning.part':
        within('reasoning');
        break;
      case 'reasoning.end':
        finishBlock('reasoning');
        if (event.carry !== undefined) carries.push(event.carry);
        break;
      case 'call.start':
        begin('call');
        call = { id: event.callId, name: event.name, arguments: '' };
        break;
      case 'call.delta':
        within('call');
        if (call !== undefined) call.arguments += event.arguments;
        break;
      case 'call.end':
        finishBlock('call');
        if (call !== undefined) calls.push(call);
        break;
      case 'usage':
        usage = event.usage;
        break;
      case 'finish':
      case 'error':
        break;
    }
  }
  return {
    ...all,
    carries,
    calls,
    blocks,
    usage,
    finish: last?.type === 'finish' ? last.reason : undefined,
    error: last?.type === 'error' ? last.error : undefined,
  };
}

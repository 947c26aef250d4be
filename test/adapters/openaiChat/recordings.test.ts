import assert from 'node:assert/strict';
import { openaiChat } from '../../../src/adapters/openaiChat/adapter.ts';
import type { Outcome } from '../../support/turnEvents.ts';
import { testRecordings } from '../recordingSuite.ts';
import { chatTarget } from '../target.ts';
import { type Reading, readStream, readWhole } from './reading.ts';

/** A decoder's outcome in the form of the independent reading. */
function reading(outcome: Outcome): Reading {
  const { usage } = outcome;
  return {
    text: outcome.text,
    reasoning: outcome.reasoning,
    calls: outcome.calls.map((call) => ({ ...call, id: call.id ?? '' })),
    usage: usage && {
      input: usage.inputTokens,
      output: usage.outputTokens,
      cached: usage.cachedTokens,
      reasoning: usage.reasoningTokens,
    },
    end: outcome.error === undefined ? (outcome.finish ?? '') : 'error',
  };
}

function expectedKind(status: number, body: string): string {
  if (status === 401) return 'auth';
  if (status === 404) return 'unknown_model';
  // https://console.groq.com/docs/tool-use: the model's own fault, to be tried again.
  if (body.includes('tool_use_failed')) return 'upstream';
  return /context length|too long/.test(body) ? 'context_overflow' : 'rejected';
}

const normalEnds = ['', 'stop', 'tool_calls'];

/** What Codex must get of a reading: finish words as ours, a call without arguments as `{}`. */
function expected(truth: Reading): Reading {
  return {
    ...truth,
    calls: truth.calls.map((call) => ({ ...call, arguments: call.arguments || '{}' })),
    end: normalEnds.includes(truth.end) ? 'stop' : truth.end,
  };
}

testRecordings({
  name: 'openai-chat',
  adapter: openaiChat,
  target: chatTarget(),
  truth: ({ kind }, bytes) => expected(kind === 'stream' ? readStream(bytes) : readWhole(bytes)),
  reading,
  checkError({ kind, message, status }, body) {
    assert.match(message, /^.*Acme.*\(4\d\d: .{10,}\)\. .+\.$/);
    assert.equal(kind, expectedKind(status ?? 0, body));
  },
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adapterFor } from '../../src/adapters/registry.ts';
import type { Wire } from '../../src/adapters/target.ts';
import { sealReasoning } from '../../src/responses/reasoning.ts';
import type { Json } from '../../src/turn/turn.ts';
import { anthropicWire } from '../support/anthropicUpstream.ts';
import { geminiWire } from '../support/geminiUpstream.ts';
import { responsesWire } from '../support/responsesUpstream.ts';
import { testScope } from '../support/scope.ts';
import { text } from '../support/script.ts';
import { called, fn, returned, said, startSession } from '../support/session.ts';
import { chatTarget, claude, gemini, responsesTarget } from './target.ts';

const targets = [chatTarget(), claude(), gemini(), responsesTarget()];

function remedyOf(wire: Wire, message: string, status = 400, code: string | null = null) {
  const target = targets.find((one) => one.wire === wire) ?? assert.fail();
  const body = JSON.stringify({ error: { message, code, type: 'invalid_request_error' } });
  return adapterFor(wire).remedy?.({ status, headers: {}, body }, target);
}

describe('a refusal of earlier reasoning', () => {
  /** As the vendors word it; a gateway hands these on over any wire. */
  const refusals: readonly string[] = [
    'Corrupted thought signature.',
    'Function call is missing a thought_signature in functionCall parts. This is required for tools.',
    'messages.1.content.0: Invalid `signature` in `thinking` block',
    'Invalid `signature` in `thinking` block. The block is bound to a different conversation.',
    'messages.3.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
    'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.',
    'The encrypted content gAAA could not be verified. Reason: Encrypted content could not be decrypted or parsed.',
  ];
  for (const { wire } of targets) {
    test(`over ${wire} asks for the same request without it, once`, () => {
      for (const message of refusals) {
        const changed = remedyOf(wire, message);
        assert.equal(changed?.forgetReasoning, true, message);
        const body = JSON.stringify({ error: { message } });
        const again = { status: 400, headers: {}, body };
        assert.equal(adapterFor(wire).remedy?.(again, changed), undefined);
      }
      assert.ok(remedyOf(wire, 'No.', 400, 'invalid_encrypted_content'));
    });

    test(`over ${wire} is not seen in other refusals`, () => {
      for (const message of [
        'thinking.budget_tokens must be less than max_tokens',
        'Unknown name "thought" at contents[0].parts[0]',
        'Invalid API key',
        'The content of this message was filtered.',
      ])
        assert.equal(remedyOf(wire, message), undefined, message);
      assert.equal(remedyOf(wire, 'Corrupted thought signature.', 500), undefined);
      assert.equal(remedyOf(wire, 'Corrupted thought signature.', 429), undefined);
    });
  }
});

/** What each provider is handed that it never gave out, as after a change of its keys. */
const forged: readonly (readonly [typeof geminiWire, Json])[] = [
  [geminiWire, { part: 'call', signature: 'Rm9yZ2Vk' }],
  [anthropicWire, [{ type: 'thinking', thinking: 'Hm.', signature: 'Rm9yZ2Vk' }]],
  [responsesWire, { id: 'rs_1', summary: [], encrypted_content: 'Rm9yZ2Vk' }],
];

for (const [wire, carry] of forged) {
  test(`a turn over ${wire.name} survives that its reasoning is refused`, async (t) => {
    const scope = testScope(t);
    const { provider, session } = await startSession(scope, wire, { tools: [fn('run')] });
    provider.play([text('Fine.')]);
    await session.done(
      said('user', 'Go'),
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        encrypted_content: sealReasoning('sim', 'sim-1', carry),
      },
      called('a'),
      returned('a', 'ok'),
    );
    assert.equal(provider.refusals.length, 1, provider.refusals.join('\n'));
    assert.match(provider.refusals[0] ?? '', /signature|encrypted content/i);
    assert.doesNotMatch(JSON.stringify(provider.requests[0]?.body), /Rm9yZ2Vk/);
  });
}

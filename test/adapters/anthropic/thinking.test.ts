import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anthropic } from '../../../src/adapters/anthropic/adapter.ts';
import type { AnthropicQuirks } from '../../../src/adapters/anthropic/quirks.ts';
import type { ModelTraits } from '../../../src/adapters/target.ts';
import type { AssistantMessage } from '../../../src/turn/turn.ts';
import { claudeModels } from '../../support/anthropicModels.ts';
import { at, isRecord } from '../../support/json.ts';
import { claude } from '../target.ts';
import { assistant, call, result, system, turnOf, user } from '../turns.ts';
import { sent, signed } from './turns.ts';

const bound = { block_binding: { prefix_mismatch_behavior: 'drop_block' } };
const adaptive = { type: 'adaptive', display: 'summarized' };

interface Asked {
  readonly effort?: string | undefined;
  readonly summary?: string | undefined;
  readonly maxOutputTokens?: number;
  readonly quirks?: AnthropicQuirks;
  readonly traits?: Partial<ModelTraits>;
}

/** What a request says of thinking: the parameter and the effort. */
function asks(model: string, asked: Asked = {}): readonly [thinking: unknown, effort: unknown] {
  const { effort, summary, maxOutputTokens, quirks, traits } = asked;
  const turn = turnOf({ reasoning: { effort, summary }, maxOutputTokens });
  const { body } = sent(turn, claude(model, quirks, traits));
  return [body['thinking'], at(body, 'output_config', 'effort')];
}

const enabled = (budget: number): object => ({ type: 'enabled', budget_tokens: budget });

describe('thinking', () => {
  const forms: Readonly<Record<string, Readonly<Record<string, readonly [unknown, unknown]>>>> = {
    'claude-haiku-4-5': {
      none: [{ type: 'disabled' }, undefined],
      minimal: [enabled(1024), undefined],
      high: [enabled(16_384), undefined],
      max: [enabled(48_000), undefined],
      turbo: [enabled(8192), undefined],
    },
    'claude-opus-4-6': {
      none: [{ type: 'disabled' }, undefined],
      minimal: [adaptive, 'low'],
      xhigh: [adaptive, 'high'],
      max: [adaptive, 'max'],
    },
    'claude-opus-4-8': {
      none: [{ type: 'disabled' }, undefined],
      xhigh: [adaptive, 'xhigh'],
      turbo: [adaptive, undefined],
    },
    'claude-opus-5': { none: [{ type: 'disabled' }, undefined], max: [adaptive, 'max'] },
    'claude-fable-5': { none: [adaptive, 'low'], high: [adaptive, 'high'] },
    'claude-opus-5-5': {
      none: [{ ...adaptive, ...bound }, 'low'],
      xhigh: [{ ...adaptive, ...bound }, 'xhigh'],
    },
    'claude-sonnet-5-5': {
      none: [{ type: 'between_tools' }, undefined],
      medium: [{ ...adaptive, ...bound }, 'medium'],
    },
    'claude-haiku-5-5': {
      none: [{ type: 'disabled' }, undefined],
      low: [adaptive, 'low'],
    },
    // Newer than the table.
    'claude-saga-7': { none: [adaptive, 'low'], xhigh: [adaptive, 'xhigh'] },
    'claude-3-5-haiku-20241022': { none: [undefined, undefined], high: [undefined, undefined] },
    'MiniMax-M3': { none: [{ type: 'disabled' }, undefined], low: [enabled(4096), undefined] },
  };
  for (const [model, efforts] of Object.entries(forms)) {
    for (const [effort, expected] of Object.entries(efforts)) {
      test(`of ${model} with effort ${effort}`, () => {
        if (model in claudeModels || !model.includes('claude')) {
          assert.deepEqual(asks(model, { effort }), expected);
        } else {
          const turn = turnOf({ reasoning: { effort, summary: undefined } });
          assert.deepEqual(unchecked(turn, model), expected);
        }
      });
    }
  }

  test('is found by other spellings of a model', () => {
    const names = [
      'anthropic/claude-opus-5.5',
      'claude-opus-5-5@20261101',
      'us.Claude-Opus-5-5-v1:0',
    ];
    for (const model of names) {
      const turn = turnOf({ reasoning: { effort: 'high', summary: undefined } });
      assert.deepEqual(unchecked(turn, model), [{ ...adaptive, ...bound }, 'high']);
    }
    assert.deepEqual(asks('not-opus-5-5', { effort: 'low' }), [enabled(4096), undefined]);
  });

  test('is not asked for where the client does not care, but shown where the model thinks anyway', () => {
    assert.deepEqual(asks('claude-haiku-4-5'), [undefined, undefined]);
    assert.deepEqual(asks('claude-opus-4-8'), [undefined, undefined]);
    assert.deepEqual(asks('claude-opus-5'), [adaptive, undefined]);
    assert.deepEqual(asks('claude-opus-4-8', { summary: 'auto' }), [adaptive, undefined]);
    assert.deepEqual(asks('claude-haiku-4-5', { summary: 'auto' }), [enabled(8192), undefined]);
  });

  test('is never asked of a model without it', () => {
    const traits = { reasoning: false };
    assert.deepEqual(asks('claude-opus-5', { effort: 'high', traits }), [undefined, undefined]);
  });

  test('keeps to the efforts that the model is known to have', () => {
    const traits = { efforts: ['none', 'low', 'high'] };
    assert.deepEqual(asks('claude-opus-5', { effort: 'max', traits }), [adaptive, 'high']);
  });

  test('with a budget always leaves room for the answer', () => {
    for (const maxOutputTokens of [1, 1000, 2047, 2048, 2049, 4000, 10_000, 64_000]) {
      for (const effort of ['minimal', 'low', 'high', 'max']) {
        const [thinking] = asks('claude-haiku-4-5', { effort, maxOutputTokens });
        const budget = Number(at(thinking, 'budget_tokens') ?? 0);
        assert.equal(thinking === undefined, maxOutputTokens < 2048);
        assert.ok(maxOutputTokens - budget >= Math.min(1024, maxOutputTokens));
      }
    }
  });

  test('follows the rules of the provider record', () => {
    const models = [
      { match: 'kimi', thinking: 'adaptive', off: 'lowest', efforts: ['low', 'high'] },
      { match: 'kimi-k3', efforts: ['high'] },
    ] as const;
    const quirks: AnthropicQuirks = {
      models: models.map((rule) => ({ ...rule, efforts: [...rule.efforts] })),
    };
    const turn = turnOf({ reasoning: { effort: 'none', summary: undefined } });
    assert.deepEqual(unchecked(turn, 'kimi-k2', quirks), [adaptive, 'low']);
    assert.deepEqual(unchecked(turn, 'Kimi.k3', quirks), [adaptive, 'high']);
  });

  test('with a budget is left out in a tool loop that began without it', () => {
    const loop = (...first: AssistantMessage['content']) =>
      sent(
        turnOf({
          messages: [system('S'), user('Q'), assistant(...first, call('a')), result('a', 'x')],
        }),
        claude('claude-haiku-4-5'),
      ).body['thinking'];
    assert.equal(loop(), undefined);
    assert.deepEqual(loop(signed('Hm.', 's')), enabled(8192));
    const spoken = turnOf({
      messages: [system('S'), user('Q'), assistant(call('a')), result('a', 'x'), user('And?')],
    });
    assert.deepEqual(sent(spoken, claude('claude-haiku-4-5')).body['thinking'], enabled(8192));
  });
});

/** The same for models that the vendor's rules do not list. */
function unchecked(
  turn: ReturnType<typeof turnOf>,
  model: string,
  quirks?: AnthropicQuirks,
): readonly [unknown, unknown] {
  const { body } = encodedUnchecked(turn, model, quirks);
  return [at(body, 'thinking'), at(body, 'output_config', 'effort')];
}

function encodedUnchecked(
  turn: ReturnType<typeof turnOf>,
  model: string,
  quirks?: AnthropicQuirks,
) {
  const { body } = anthropic.encode(turn, claude(model, quirks));
  const parsed: unknown = JSON.parse(body);
  assert.ok(isRecord(parsed));
  return { body: parsed };
}

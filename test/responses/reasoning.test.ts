import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  dropSealed,
  modelFamily,
  openReasoning,
  openSummary,
  sealPrefix,
  sealReasoning,
  sealSummary,
} from '../../src/responses/reasoning.ts';

describe('sealed reasoning', () => {
  const carry = {
    blocks: [{ type: 'thinking', thinking: 'é "x"\n😀', signature: 'abc+/=' }],
    n: 1,
    none: null,
  };

  it('opens for the same provider and model family, unchanged', () => {
    const sealed = sealReasoning('anthropic', 'claude-opus-4-5-20251101', carry);
    assert.ok(sealed.startsWith(sealPrefix));
    for (const model of ['claude-opus-4-5', 'claude-opus-4-5-20251101', 'Claude-Opus-4-5-latest'])
      assert.deepEqual(openReasoning(sealed, 'anthropic', model), carry);
  });

  it('stays closed for others, and where it is broken or without data', () => {
    const sealed = sealReasoning('anthropic', 'claude-opus-4-5', carry);
    assert.equal(openReasoning(sealed, 'openrouter', 'claude-opus-4-5'), undefined);
    assert.equal(openReasoning(sealed, 'anthropic', 'claude-opus-4-6'), undefined);
    assert.equal(openReasoning(sealed.slice(0, -3), 'anthropic', 'claude-opus-4-5'), undefined);
    assert.equal(openReasoning('gAAAAAB', 'anthropic', 'claude-opus-4-5'), undefined);
    assert.equal(openReasoning(`${sealPrefix}null`, 'a', 'b'), undefined);
    assert.equal(openReasoning(sealReasoning('a', 'b', undefined), 'a', 'b'), undefined);
    assert.equal(openReasoning(sealSummary('x'), 'a', 'b'), undefined);
    assert.equal(openSummary(sealed), undefined);
  });

  it('opens a summary for every provider', () => {
    assert.equal(openSummary(sealSummary('what\n"we" did')), 'what\n"we" did');
  });

  it('knows families by the name without snapshot and price', () => {
    assert.equal(modelFamily('claude-sonnet-4-5@20250929'), 'claude-sonnet-4-5');
    assert.equal(modelFamily('gpt-5-2025-08-07'), 'gpt-5');
    assert.equal(modelFamily('deepseek/deepseek-r1:free'), 'deepseek/deepseek-r1');
    assert.notEqual(modelFamily('gemini-3-pro'), modelFamily('gemini-3-flash'));
  });
});

describe('dropSealed', () => {
  const drop = (text: string) =>
    new TextDecoder().decode(dropSealed(new TextEncoder().encode(text)));
  const sealed = JSON.stringify(sealReasoning('acme', 'large', { s: 1 }));
  const reasoning = `{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":${sealed}}`;
  const foreign = '{"type":"reasoning","encrypted_content":"gAAAA","summary":[]}';
  const big = '{ "type":"message", "n":12345678901234567890, "t":1795356724.5300157 }';

  it('gives back the very same bytes where nothing is ours', () => {
    const about = `{"type":"message","content":"a text about ${sealPrefix} itself"}`;
    for (const text of [
      `{"input":[${foreign}]}`,
      `{"input":[${about}, ${foreign}]}`,
      `{"model":${sealed}}`,
      `{"input":${sealed}}`,
      `[${sealed}`,
      '',
    ]) {
      const bytes = new TextEncoder().encode(text);
      assert.equal(dropSealed(bytes), bytes, text);
    }
  });

  it('takes out our reasoning and leaves every other byte', () => {
    assert.equal(
      drop(
        `{"model":"m", "input" : [ ${big} , ${reasoning},${foreign} ,${reasoning}] ,"store":false}`,
      ),
      `{"model":"m", "input" : [${big},${foreign}] ,"store":false}`,
    );
    assert.equal(drop(`{"input":[${reasoning}]}`), '{"input":[]}');
  });

  it('turns our compaction into the text that it stands for', () => {
    const item = `{"type":"compaction","id":"cmp_1","encrypted_content":${JSON.stringify(sealSummary('we did it'))}}`;
    assert.deepEqual(JSON.parse(drop(`{"input":[${item}]}`)), {
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Summary of the conversation so far:\n\nwe did it' },
          ],
        },
      ],
    });
    assert.equal(
      drop(`{"input":[{"type":"compaction","encrypted_content":"${sealPrefix}broken"}]}`),
      '{"input":[]}',
    );
  });
});

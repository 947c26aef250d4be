import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coversModel } from '../../src/config/modelMatch.ts';

describe('coversModel', () => {
  const cases: readonly [names: string[], model: string, covered: boolean][] = [
    [['gpt-oss'], 'gpt-oss', true],
    [['gpt-oss'], 'gpt-oss:120b', true],
    [['gpt-oss'], 'GPT-OSS:20b', true],
    [['gpt-oss:20b'], 'gpt-oss:20b', true],
    [['gpt-oss:20b'], 'gpt-oss:120b', false],
    [['gpt-oss:20b'], 'gpt-oss', false],
    [['gpt-oss'], 'gpt-oss-safeguard:20b', false],
    [['a', 'gpt-oss'], 'gpt-oss:20b', true],
    [['meta/llama'], 'meta/llama:8b', true],
    [['llama'], 'meta/llama', false],
    [[], 'gpt-oss', false],
  ];
  for (const [names, model, covered] of cases) {
    it(`[${names}] ${covered ? 'covers' : 'does not cover'} ${model}`, () => {
      assert.equal(coversModel(names, model), covered);
    });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findModel, listed } from '../../src/providers/modelNames.ts';

test('a list covers sizes, vendors and capitals of its names', () => {
  const names = ['gpt-oss', 'DeepSeek-V4-Pro', 'z-ai/glm-5.2', 'qwen3:8b'];
  for (const model of [
    'gpt-oss',
    'gpt-oss:120b',
    'openai/gpt-oss:free',
    'deepseek/deepseek-v4-pro',
    'DEEPSEEK-V4-PRO',
    'z-ai/glm-5.2:nitro',
    'qwen3:8b',
  ]) {
    assert.ok(listed(names, model), model);
  }
});

test('a list covers nothing beyond its names', () => {
  const names = ['gpt-oss', 'z-ai/glm-5.2', 'qwen3:8b'];
  for (const model of ['gpt-oss-120b', 'glm-5.2', 'qwen3', 'qwen3:32b', 'oss', '', 'x/']) {
    assert.ok(!listed(names, model), model);
  }
  assert.ok(!listed([], 'gpt-oss'));
});

test('the most exact entry wins', () => {
  const models = [{ id: 'qwen3' }, { id: 'qwen3:8b' }, { id: 'hf:Qwen/Qwen3' }];
  assert.equal(findModel(models, 'qwen3:8b')?.id, 'qwen3:8b');
  assert.equal(findModel(models, 'qwen3:32b')?.id, 'qwen3');
  assert.equal(findModel(models, 'alibaba/qwen3:32b')?.id, 'qwen3');
  assert.equal(findModel(models, 'hf:qwen/qwen3')?.id, 'hf:Qwen/Qwen3');
  assert.equal(findModel(models, 'hf')?.id, undefined);
  assert.equal(findModel(models, 'qwen'), undefined);
});

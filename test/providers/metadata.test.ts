import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { catalogEntry } from '../../src/providers/catalog.ts';
import { Metadata } from '../../src/providers/metadata.ts';

const file = new URL('../../src/providers/models.jsonl', import.meta.url);
const text = readFileSync(file, 'utf8');
const [first = '', ...lines] = text.trim().split('\n');
const metadata = new Metadata();

test('the recorded catalog is small, and says where it comes from', () => {
  assert.ok(gzipSync(text).length < 100 * 1024);
  const source = JSON.parse(first);
  assert.equal(source.license, 'MIT');
  assert.match(source.integrity, /^sha512-/);
  assert.match(source.date, /^20\d\d-\d\d-\d\d$/);
});

test('every line of it can be asked for', () => {
  assert.ok(lines.length > 1000);
  for (const line of lines) {
    const [provider, model, , window] = JSON.parse(line);
    assert.ok(catalogEntry(provider), provider);
    const facts = metadata.at(provider, model);
    assert.ok(facts, `${provider}/${model}`);
    assert.equal(facts.contextWindow, window > 0 ? window : undefined);
  }
});

test('a model is known at its provider, with limits, efforts and prices', () => {
  assert.deepEqual(metadata.at('openrouter', 'openai/gpt-6.1-sol'), {
    name: 'OpenAI: GPT-6.1 Sol',
    contextWindow: 1_050_000,
    inputLimit: 922_000,
    maxOutputTokens: 128_000,
    reasoning: true,
    efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
    vision: true,
    tools: true,
    price: { input: 2, cachedInput: 0.1, output: 10 },
  });
});

test('elsewhere it is known by its family, however it is spelt, without what is its host’s', () => {
  const facts = metadata.anywhere('glm-5.3');
  assert.equal(facts?.vision, false);
  assert.equal(facts?.contextWindow, metadata.at('zai', 'glm-5.3')?.contextWindow);
  assert.equal(facts?.price, undefined);
  assert.equal(facts?.efforts, undefined);
  for (const spelling of [
    'zai-org/GLM-5.3',
    'GLM-5p3',
    'glm-5-3:cloud',
    'accounts/x/models/glm-5p3',
  ]) {
    assert.deepEqual(metadata.anywhere(spelling), facts, spelling);
  }
});

test('where hosts disagree, the first one counts: laboratories stand first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'opencodex-models-'));
  const path = join(folder, 'models.jsonl');
  const row = (provider: string, window: number) =>
    JSON.stringify([provider, 'm-1', 'M 1', window, 1000, 1, 1, '']);
  writeFileSync(path, `{}\n${row('lab', 200_000)}\n${row('host', 100_000)}\n`);
  try {
    assert.equal(new Metadata(pathToFileURL(path)).anywhere('x/M-1')?.contextWindow, 200_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('nothing is made up', () => {
  assert.equal(metadata.anywhere('acme-1'), undefined);
  assert.equal(metadata.at('openrouter', 'acme/acme-1'), undefined);
  assert.equal(metadata.at('nobody', 'glm-5.3'), undefined);
});

test('without its file it knows nothing, and that is all', () => {
  const none = new Metadata(pathToFileURL('/nowhere/models.jsonl'));
  assert.equal(none.anywhere('glm-5.3'), undefined);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';

const root = join(import.meta.dirname, '..', '..');

describe('the documentation of config.json', () => {
  it('is up to date', () => {
    const script = join(root, 'scripts', 'generateConfigDocs.ts');
    const run = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
  });

  it('explains every field', () => {
    const rows = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8').match(/^\| .*$/gm);
    assert.ok(rows !== null && rows.length > 60);
    assert.deepEqual(
      rows.filter((row) => row.endsWith('|  |')),
      [],
    );
  });
});

describe('the JSON Schema of config.json', () => {
  const schema = JSON.parse(readFileSync(join(root, 'schemas', 'config.schema.json'), 'utf8'));
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
  const provider = { adapter: 'openai-chat', baseUrl: 'https://a.test' };

  it('takes what the program takes', () => {
    for (const config of [
      {},
      { port: 1, later: true },
      { providers: { acme: { ...provider, quirks: { chat: { sampling: false } }, later: 1 } } },
      { webSearchSidecar: {}, subagentModels: [] },
    ]) {
      assert.ok(validate(config), JSON.stringify(validate.errors));
    }
  });

  it('refuses what the program refuses', () => {
    for (const config of [
      { port: '1' },
      { providers: { acme: { adapter: 'openai', baseUrl: 'https://a.test' } } },
      { providers: { acme: { adapter: 'openai-chat' } } },
      { providers: { 'a/b': provider } },
      { subagentModels: ['1', '2', '3', '4', '5', '6'] },
      { providers: { acme: { ...provider, quirks: { chat: { toolChoice: 'x' } } } } },
    ]) {
      assert.equal(validate(config), false, JSON.stringify(config));
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogEtag, modelCatalog } from '../../src/codex/modelCatalog.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';

type ConfigText = Parameters<typeof configSchema.parse>[0];

const acme = {
  adapter: 'openai-chat',
  baseUrl: 'http://127.0.0.1:9/v1',
  label: 'Acme',
  models: ['a', 'b', 'c'],
  noVisionModels: ['b'],
  noReasoningModels: ['c'],
};
const config = (fields: object = {}): Config => {
  const text: ConfigText = { providers: { acme }, defaultProvider: 'acme', ...fields };
  return configSchema.parse(text);
};
const slugs = (fields?: object) => modelCatalog(config(fields)).models.map((model) => model.slug);
const entry = (slug: string, fields?: object) => {
  const found = modelCatalog(config(fields)).models.find((model) => model.slug === slug);
  assert.ok(found, `${slug} is listed`);
  return found;
};

describe('modelCatalog', () => {
  it('lists the current model and then all others, by rising priority from 1', () => {
    assert.deepEqual(slugs(), ['opencodex/current', 'acme/a', 'acme/b', 'acme/c']);
    assert.deepEqual(
      modelCatalog(config()).models.map((model) => model.priority),
      [1, 2, 3, 4],
    );
  });

  it('is never empty, which Codex would refuse', () => {
    assert.deepEqual(slugs({ providers: {} }), ['opencodex/current']);
  });

  it('puts the models for sub-agents first, in their order, also such as no list has', () => {
    assert.deepEqual(slugs({ subagentModels: ['acme/c', 'acme/unlisted', 'acme/a'] }), [
      'acme/c',
      'acme/unlisted',
      'acme/a',
      'opencodex/current',
      'acme/b',
    ]);
    assert.deepEqual(slugs({ subagentModels: ['acme/b', 'opencodex/current'] }).slice(0, 2), [
      'acme/b',
      'opencodex/current',
    ]);
  });

  it('leaves out disabled models, also chosen ones, and such as cannot be reached', () => {
    assert.deepEqual(
      slugs({
        disabledModels: ['acme/a'],
        subagentModels: ['acme/a', 'nobody/x', 'vscode/y', 'acme/c'],
      }),
      ['acme/c', 'opencodex/current', 'acme/b'],
    );
  });

  it('says what a model can do', () => {
    const efforts = (slug: string) =>
      entry(slug).supported_reasoning_levels.map((level) => level.effort);
    assert.deepEqual(efforts('acme/a'), ['low', 'medium', 'high']);
    assert.equal(entry('acme/a').default_reasoning_level, 'medium');
    assert.deepEqual(entry('acme/a').input_modalities, ['text', 'image']);
    assert.deepEqual(entry('acme/b').input_modalities, ['text']);
    assert.deepEqual(efforts('acme/c'), []);
    assert.equal(entry('acme/c').default_reasoning_level, null);
    assert.equal(entry('acme/c').supports_reasoning_summary_parameter, false);
  });

  it('gives a window also where none is known, so that Codex compacts', () => {
    assert.equal(entry('acme/a').context_window, 128_000);
  });

  it('gives the current model the abilities of what it stands for', () => {
    const current = entry('opencodex/current', { currentModel: 'acme/b' });
    assert.deepEqual(current.input_modalities, ['text']);
    assert.match(current.description, /now acme\/b\.$/);
    const none = entry('opencodex/current', {
      providers: { acme: { ...acme, models: [] } },
    });
    assert.match(none.description, /None is chosen yet\.$/);
  });

  it('teaches every model the same, without naming one', () => {
    const { models } = modelCatalog(config());
    const [text = ''] = new Set(models.map((model) => model.base_instructions));
    assert.ok(text.length > 3000);
    assert.doesNotMatch(text, /GPT|OpenAI|Claude|Gemini/);
    for (const needed of ['exec_command', 'write_stdin', 'apply_patch', 'AGENTS.md']) {
      assert.ok(text.includes(needed), needed);
    }
    const [own] = modelCatalog(config(), { instructions: 'Installed' }).models;
    assert.equal(own?.base_instructions, 'Installed');
  });
});

describe('catalogEtag', () => {
  const etag = (fields?: object) => catalogEtag(modelCatalog(config(fields)));

  it('is the same for the same catalog', () => {
    assert.match(etag(), /^"[\w-]{22}"$/);
    assert.equal(etag(), etag());
    assert.equal(etag({ port: 1 }), etag({ port: 2 }));
  });

  it('changes with the models and with the choice of the current one', () => {
    const all = [
      etag(),
      etag({ currentModel: 'acme/b' }),
      etag({ disabledModels: ['acme/a'] }),
      etag({ subagentModels: ['acme/a'] }),
    ];
    assert.equal(new Set(all).size, all.length);
  });
});

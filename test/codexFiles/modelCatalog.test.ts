import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readModels } from '../../src/codex/installedModels.ts';
import {
  type CatalogModel,
  catalogEtag,
  type ModelCatalog,
  modelCatalog,
} from '../../src/codex/modelCatalog.ts';
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
const isRouted = (model: ModelCatalog['models'][number]): model is CatalogModel =>
  'shell_type' in model && model.shell_type === 'unified_exec';
const entry = (slug: string, fields?: object) => {
  const found = modelCatalog(config(fields)).models.find((model) => model.slug === slug);
  assert.ok(found && isRouted(found), `${slug} is listed`);
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

  it('says that a model takes images where another one would describe them', () => {
    const visionSidecar = { model: 'acme/a' };
    const images = (fields: object) => entry('acme/b', fields).input_modalities.includes('image');
    assert.equal(images({ visionSidecar }), true);
    assert.equal(images({ visionSidecar: { ...visionSidecar, enabled: false } }), false);
    assert.equal(images({ visionSidecar: { model: 'nobody/x' } }), false);
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
    const [text = ''] = new Set(models.filter(isRouted).map((model) => model.base_instructions));
    assert.ok(text.length > 3000);
    assert.doesNotMatch(text, /GPT|OpenAI|Claude|Gemini/);
    for (const needed of ['exec_command', 'write_stdin', 'apply_patch', 'AGENTS.md']) {
      assert.ok(text.includes(needed), needed);
    }
  });
});

describe('with an installed Codex', () => {
  const native = (slug: string, priority: number, fields: object = {}) => ({
    slug,
    display_name: slug.toUpperCase(),
    visibility: 'list',
    priority,
    base_instructions: `You are Codex, a coding agent based on GPT-5. ${slug} is at work.`,
    multi_agent_version: 'v2',
    tool_mode: 'code_mode_only',
    ...fields,
  });
  const codex = readModels([
    native('gpt-b', 2),
    native('gpt-a', 1, { upgrade: { model: 'gpt-z' } }),
    native('hidden', 0, { visibility: 'hide' }),
    native('gpt-c', 3),
    native('gpt-plain', 9, { tool_mode: undefined }),
    native('gpt-d', 4),
    native('gpt-e', 5),
  ]);
  assert.ok(codex);
  const forward = {
    adapter: 'openai-responses',
    baseUrl: 'https://chatgpt.com/backend-api/codex',
    authMode: 'forward',
  };
  const catalog = (fields: object = {}) => modelCatalog(config(fields), { codex }).models;
  const first = (count: number, fields?: object) =>
    catalog(fields)
      .slice(0, count)
      .map((model) => model.slug);
  const both = { providers: { acme, openai: forward } };

  it('teaches the routed models what it teaches its own, as nobody in particular', () => {
    const current = catalog().find(isRouted);
    assert.equal(
      current?.base_instructions,
      'You are Codex, a coding agent. gpt-plain is at work.',
    );
  });

  it('keeps to our shorter text where the list would become too large', () => {
    const long = readModels([native('gpt-a', 1, { base_instructions: 'x'.repeat(1024 * 1024) })]);
    const current = modelCatalog(config(), { codex: long }).models.find(isRouted);
    assert.match(String(current?.base_instructions), /^You are a coding agent/);
  });

  it('offers its own models to sub-agents, by its priority, where they can be reached', () => {
    const five = ['gpt-a', 'gpt-b', 'gpt-c', 'gpt-d', 'gpt-e'].map((slug) => `openai/${slug}`);
    assert.deepEqual(first(7, both), [...five, 'opencodex/current', 'openai/gpt-plain']);
    assert.deepEqual(
      catalog(both).map((model) => model.priority),
      catalog(both).map((_model, index) => index + 1),
    );
    assert.deepEqual(first(2), ['opencodex/current', 'acme/a'], 'nobody can serve them here');
  });

  it('respects a list of the user, also an empty one', () => {
    assert.deepEqual(first(2, { ...both, subagentModels: ['acme/c'] }), [
      'acme/c',
      'opencodex/current',
    ]);
    assert.equal(first(1, { ...both, subagentModels: [] })[0], 'opencodex/current');
    assert.deepEqual(first(2, { ...both, subagentModels: ['openai/gpt-d', 'acme/b'] }), [
      'openai/gpt-d',
      'acme/b',
    ]);
  });

  it('respects disabled models and the models that an entry names', () => {
    const named = { providers: { acme, openai: { ...forward, models: ['gpt-b', 'gpt-z'] } } };
    assert.deepEqual(first(3, named), ['openai/gpt-b', 'opencodex/current', 'acme/a']);
    assert.equal(first(1, { ...both, disabledModels: ['openai/gpt-a'] })[0], 'openai/gpt-b');
  });

  it('hands the entry of its own model on, but for what only works without us', () => {
    const [own] = catalog(both);
    assert.deepEqual(own, {
      ...native('gpt-a', 1),
      slug: 'openai/gpt-a',
      multi_agent_version: 'v1',
    });
  });

  it('prefers the login over a key, and no gateway that only speaks like OpenAI', () => {
    const keyed = { adapter: 'openai-responses', baseUrl: 'https://api.openai.com/v1' };
    const gateway = {
      adapter: 'openai-responses',
      baseUrl: 'https://llm.example/v1',
      passthrough: true,
    };
    assert.equal(first(1, { providers: { key: keyed, login: forward } })[0], 'login/gpt-a');
    assert.equal(first(1, { providers: { acme, gateway, key: keyed } })[0], 'key/gpt-a');
    assert.equal(first(1, { providers: { acme, gateway } })[0], 'opencodex/current');
  });

  it('reads nothing into an answer of another form', () => {
    for (const models of [undefined, {}, [], [1], [{ slug: 'x' }]]) {
      assert.equal(readModels(models), undefined);
    }
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

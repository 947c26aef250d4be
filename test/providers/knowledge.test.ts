import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelKnowledge } from '../../src/providers/knowledge.ts';
import { Metadata } from '../../src/providers/metadata.ts';
import { type ModelFacts, usableWindow } from '../../src/providers/modelFacts.ts';
import { listModels } from '../../src/providers/models.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { targetOf } from '../../src/providers/resolve.ts';
import { config, type Fields } from './configs.ts';
import { FakeWeb, ids, provider } from './fakeLists.ts';

const metadata = new Metadata();

/** What is known of models whose provider lists them like this. */
async function knowing(of: Provider, list: string, entries: readonly object[]) {
  const live = new FakeWeb().at(list, { data: entries }).live();
  const answer = await live.ask(of);
  assert.ok(answer.ok);
  return new ModelKnowledge({ live, metadata });
}

const openrouter = provider('openrouter', { baseUrl: 'https://openrouter.ai/api/v1' });
const openrouterList = 'https://openrouter.ai/api/v1/models';

test('the live list comes before the catalog for limits and abilities, not for effort words', async () => {
  const knowledge = await knowing(openrouter, openrouterList, [
    {
      id: 'z-ai/glm-5.3-flash',
      context_length: 65_536,
      architecture: { input_modalities: ['text'], output_modalities: ['text'] },
      supported_parameters: ['tools'],
    },
  ]);
  const facts = knowledge.facts(openrouter, 'z-ai/glm-5.3-flash');
  assert.equal(facts.contextWindow, 65_536);
  assert.equal(facts.vision, false);
  assert.equal(facts.reasoning, true);
  assert.deepEqual(facts.efforts, ['low', 'high', 'max']);
  assert.equal(facts.maxOutputTokens, 943_717); // of the catalog: the list says none
});

test('the user’s lists come before everything', async () => {
  const mine = provider('openrouter', {
    baseUrl: 'https://openrouter.ai/api/v1',
    noVisionModels: ['seer'],
    noReasoningModels: ['seer'],
  });
  const knowledge = await knowing(mine, openrouterList, [
    {
      id: 'acme/seer',
      architecture: { input_modalities: ['image'], output_modalities: ['text'] },
      supported_parameters: ['tools', 'reasoning'],
    },
  ]);
  const { vision, reasoning } = knowledge.facts(mine, 'acme/seer');
  assert.deepEqual([vision, reasoning], [false, false]);
});

test('of a model that neither config nor catalog knows, the list and the metadata tell', async () => {
  const knowledge = await knowing(openrouter, openrouterList, [
    { id: 'acme/new', context_length: 99_000, supported_parameters: ['tools'] },
  ]);
  assert.deepEqual(knowledge.facts(openrouter, 'acme/new'), {
    contextWindow: 99_000,
    reasoning: false,
    tools: true,
  });
  assert.equal(knowledge.facts(openrouter, 'openai/gpt-5.4').inputLimit, 922_000);
  assert.ok(knowledge.facts(openrouter, 'openai/gpt-5.4').price);
});

test('of OpenAI’s windows, what is for the answer alone is not for the input', async () => {
  const knowledge = await knowing(openrouter, openrouterList, [
    { id: 'openai/gpt-9', context_length: 1_050_000 },
    { id: 'openai/gpt-9-mini', context_length: 400_000 },
    { id: 'acme/wide', context_length: 1_050_000 },
  ]);
  const usable = (model: string) => usableWindow(knowledge.facts(openrouter, model));
  assert.equal(usable('openai/gpt-9'), 922_000);
  assert.equal(usable('openai/gpt-9-mini'), 272_000);
  assert.equal(usable('acme/wide'), 1_050_000);
  const { traits } = targetOf({ provider: openrouter, model: 'openai/gpt-9' }, knowledge);
  assert.deepEqual([traits.contextWindow, traits.inputLimit], [1_050_000, 922_000]);
});

test('at a gateway that nobody knows, a model is known by its family', () => {
  const gateway = provider('gate', { baseUrl: 'https://llm.corp.test/v1' });
  const knowledge = new ModelKnowledge({ metadata });
  const facts: ModelFacts = knowledge.facts(gateway, 'anthropic/claude-sonnet-4.5');
  assert.equal(facts.contextWindow, 200_000);
  assert.equal(facts.vision, true);
  assert.equal(facts.price, undefined);
});

test('what runs on this machine has the window that its server says, or none', async () => {
  for (const [id, baseUrl] of [
    ['vllm', 'http://localhost:8000/v1'],
    ['own', 'http://127.0.0.1:5000/v1'],
  ] as const) {
    const local = provider(id, { baseUrl });
    const before = new ModelKnowledge({ metadata }).facts(local, 'glm-5.3');
    assert.deepEqual([before.contextWindow, before.vision], [undefined, false]);
    const served = await knowing(local, `${baseUrl}/models`, [
      { id: 'glm-5.3', max_model_len: 32_768 },
    ]);
    assert.equal(served.facts(local, 'glm-5.3').contextWindow, 32_768);
  }
});

test('a host that refuses the reasoning parameter gets it only for models that it says words of', async () => {
  const venice = provider('venice', { baseUrl: 'https://api.venice.ai/api/v1' });
  const model = (id: string, spec: object) => ({ id, type: 'text', model_spec: spec });
  const knowledge = await knowing(venice, 'https://api.venice.ai/api/v1/models', [
    model('plain', { capabilities: { supportsReasoning: true } }),
    model('worded', { reasoningEffortOptions: ['low', 'high'] }),
    model('grok-4-7', { reasoningEffortOptions: ['low'] }),
  ]);
  assert.equal(knowledge.facts(venice, 'plain').reasoning, false);
  assert.equal(knowledge.facts(venice, 'worded').reasoning, true);
  const { efforts } = knowledge.facts(venice, 'grok-4-7');
  assert.deepEqual(efforts, ['low', 'medium', 'high', 'xhigh'], 'as the catalog says');
});

async function offered(fields: Fields, entries: readonly object[]): Promise<readonly string[]> {
  const all = config({ providers: { it: { adapter: 'openai-chat', ...fields } } });
  const it = provider('it', fields);
  const knowledge = await knowing(it, `${fields['baseUrl']}/models`, entries);
  return listModels(all, knowledge).map(({ model }) => model);
}

test('the live list takes the place of the catalog’s selection, which keeps its order', async () => {
  const groq = { baseUrl: 'https://api.groq.com/openai/v1', apiKey: 'k' };
  const [first, second] = provider('it', groq).models;
  assert.ok(first !== undefined && second !== undefined);
  const models = await offered(groq, ids('acme/new', second, first).data);
  assert.deepEqual(models, [first, second, 'acme/new']);
});

test('what the user has named stays, before what is listed', async () => {
  const fields = { baseUrl: 'https://llm.corp.test/v1', models: ['alias'], defaultModel: 'mine' };
  assert.deepEqual(await offered(fields, ids('a', 'mine').data), ['mine', 'alias', 'a']);
});

test('models that cannot call tools are not offered: Codex could do nothing with them', async () => {
  const fields = { baseUrl: 'https://llm.corp.test/v1' };
  const models = await offered(fields, [
    { id: 'talker', supported_parameters: ['max_tokens'] },
    { id: 'worker', supported_parameters: ['tools'] },
    { id: 'unsaid' },
  ]);
  assert.deepEqual(models, ['worker', 'unsaid']);
});

test('without a list the configured models are offered', () => {
  const all = config({
    providers: { it: { adapter: 'openai-chat', baseUrl: 'https://llm.corp.test', models: ['a'] } },
  });
  const knowledge = new ModelKnowledge({ live: new FakeWeb().live(), metadata });
  assert.deepEqual(
    listModels(all, knowledge).map(({ id }) => id),
    ['it/a'],
  );
});

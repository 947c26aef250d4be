import { routedNatives } from '../../codex/nativeModels.ts';
import { modelsApi } from '../../link/api/modelsApi.ts';
import { configuredProviders } from '../../providers/configured.ts';
import { editorProvider } from '../../providers/editorProvider.ts';
import { listModels } from '../../providers/models.ts';
import type { Provider } from '../../providers/provider.ts';
import { describer } from '../../sidecars/vision.ts';
import type { JsonObject } from '../../turn/turn.ts';
import { answer, type Route, refuse, route } from './route.ts';
import { saveConfig } from './saving.ts';
import type { ApiServices } from './services.ts';

/** How many models Codex offers for sub-agents. */
const subagentSlots = 5;

export function modelRoutes(services: ApiServices): readonly Route[] {
  const { config, models } = services;

  const listsOf = (providers: Iterable<Provider>) =>
    [...providers].map((provider) => ({
      provider: provider.id,
      models: models.knowledge.listed(provider)?.length ?? provider.models.length,
      error: models.problem(provider),
    }));

  return [
    route('GET /api/models', modelsApi['GET /api/models'], () => {
      // What is not known yet comes with the note that it has changed.
      void models.fresh({});
      const { current } = config;
      const disabled = new Set(current.disabledModels);
      const chatHidden = new Set(current.chatHiddenModels);
      const described = describer(current, false) !== undefined;
      const providers = configuredProviders(current);
      const all = listModels({ ...current, disabledModels: [] }, models.knowledge);
      return answer({
        models: all.map(({ id, provider, label, model }) => {
          const known = provider === editorProvider.id ? editorProvider : providers.get(provider);
          const facts = known === undefined ? {} : models.knowledge.facts(known, model);
          const { contextWindow, maxOutputTokens, reasoning, efforts, vision, tools, price } =
            facts;
          return {
            ...{ id, provider, label, model, contextWindow, maxOutputTokens, reasoning },
            ...{ efforts, vision, tools, price },
            imagesInWords: vision === false && described,
            enabled: !disabled.has(id),
            current: id === current.currentModel,
            chat: known !== editorProvider && known?.auth.mode !== 'forward',
            chatHidden: chatHidden.has(id),
          };
        }),
        lists: listsOf(providers.values()),
      });
    }),
    route(
      'POST /api/models/refresh',
      modelsApi['POST /api/models/refresh'],
      async ({ provider }) => {
        const providers = configuredProviders(config.current);
        const named = provider === undefined ? undefined : providers.get(provider);
        if (provider !== undefined && named === undefined) return unknownProvider(provider);
        const asked = named === undefined ? [...providers.values()] : [named];
        await Promise.all(asked.map(({ id }) => models.refresh(id)));
        return answer({ lists: listsOf(asked) });
      },
    ),
    route('PUT /api/current-model', modelsApi['PUT /api/current-model'], ({ model }) =>
      saveConfig(services, (raw) => withField(raw, 'currentModel', model)),
    ),
    route('PUT /api/disabled-models', modelsApi['PUT /api/disabled-models'], (input) =>
      saveConfig(services, (raw) => withNames(raw, 'disabledModels', input.disable, input.enable)),
    ),
    route('PUT /api/chat-models', modelsApi['PUT /api/chat-models'], ({ hide, show }) =>
      saveConfig(services, (raw) => withNames(raw, 'chatHiddenModels', hide, show)),
    ),
    route('GET /api/subagent-models', modelsApi['GET /api/subagent-models'], () => {
      const chosen = config.current.subagentModels;
      const natives = routedNatives(services.codex()?.natives ?? [], config.current);
      const usual = natives.slice(0, subagentSlots).map(({ id }) => id);
      return answer({ chosen, effective: chosen ?? usual, most: subagentSlots });
    }),
    route('PUT /api/subagent-models', modelsApi['PUT /api/subagent-models'], (input) =>
      saveConfig(services, (raw) =>
        withField(raw, 'subagentModels', input.models === null ? null : [...input.models]),
      ),
    ),
  ];
}

/** With the field set; without it for `null`. */
function withField(raw: JsonObject, field: string, value: string | string[] | null): JsonObject {
  const { [field]: _before, ...others } = raw;
  return value === null ? others : { ...raw, [field]: value };
}

/** With names put on a list, and others taken off. */
function withNames(
  raw: JsonObject,
  field: string,
  on: readonly string[] = [],
  off: readonly string[] = [],
): JsonObject {
  const before = Array.isArray(raw[field]) ? raw[field] : [];
  const kept = before.filter((id) => !off.some((name) => name === id));
  return { ...raw, [field]: [...kept, ...on.filter((id) => !kept.includes(id))] };
}

export function unknownProvider(id: string) {
  return refuse(404, `There is no provider "${id}" in config.json.`);
}

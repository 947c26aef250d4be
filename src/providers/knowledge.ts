import type { ModelTraits } from '../adapters/target.ts';
import { catalogEntry } from './catalog.ts';
import { editorProvider } from './editorProvider.ts';
import type { LiveModels } from './liveModels.ts';
import type { Metadata } from './metadata.ts';
import { inputLimitOf, knownFacts, type ModelFacts } from './modelFacts.ts';
import { findModel, listed } from './modelNames.ts';
import { originOf } from './origin.ts';
import type { Provider } from './provider.ts';

/** What is known of models, from all sources together. */
export interface Knowledge {
  /** Changes when anything that it says does. */
  readonly version: number;
  facts(provider: Provider, model: string): ModelFacts;
  /** The models that a provider lists now and that can serve Codex; `undefined`: there is no list. */
  listed(provider: Provider): readonly string[] | undefined;
}

/** What the windows say of the editor's own models. */
export interface EditorModelFacts {
  readonly version: number;
  readonly names: readonly string[];
  facts(model: string): ModelFacts;
}

/**
 * Config and catalog, the live lists and the recorded metadata as one. Where they differ, the user is
 * right. Then, for limits and abilities, the provider's own list comes before the catalog and that
 * before metadata; how a model wants to be told an effort, the catalog knows better than a list.
 */
export class ModelKnowledge implements Knowledge {
  readonly #live: LiveModels | undefined;
  readonly #metadata: Metadata | undefined;
  readonly #editor: EditorModelFacts | undefined;

  constructor(sources: {
    readonly live?: LiveModels;
    readonly metadata?: Metadata;
    readonly editor?: EditorModelFacts;
  }) {
    this.#live = sources.live;
    this.#metadata = sources.metadata;
    this.#editor = sources.editor;
  }

  get version(): number {
    return (this.#live?.version ?? 0) + (this.#editor?.version ?? 0);
  }

  onChange(listener: () => void): { dispose(): void } {
    return this.#live?.onChange(listener) ?? { dispose: () => {} };
  }

  listed(provider: Provider): readonly string[] | undefined {
    if (provider === editorProvider) return this.#editor?.names;
    const listing = this.#live?.listing(provider);
    if (listing === undefined) return undefined;
    return [...listing].flatMap(([model, facts]) => (facts.tools === false ? [] : [model]));
  }

  facts(provider: Provider, model: string): ModelFacts {
    if (provider === editorProvider) return this.#editor?.facts(model) ?? nothing;
    const live = this.#live?.facts(provider, model) ?? nothing;
    const entry = findModel(provider.known?.models ?? [], model)?.traits;
    const recorded = this.#recorded(provider, model);
    const contextWindow = live.contextWindow ?? entry?.contextWindow ?? recorded.contextWindow;
    const inputLimit =
      live.inputLimit ?? inputLimitOf(model, contextWindow) ?? recorded.inputLimit ?? contextWindow;
    const efforts = entry?.efforts ?? live.efforts ?? recorded.efforts;
    return knownFacts({
      name: live.name ?? recorded.name,
      contextWindow,
      inputLimit: inputLimit === contextWindow ? undefined : inputLimit,
      maxOutputTokens: live.maxOutputTokens ?? entry?.maxOutputTokens ?? recorded.maxOutputTokens,
      reasoning: listed(provider.noReasoningModels, model)
        ? false
        : reasoningOf(provider, entry, live, recorded),
      efforts,
      vision: listed(provider.noVisionModels, model)
        ? false
        : (live.vision ?? entry?.vision ?? recorded.vision),
      tools: live.tools ?? recorded.tools,
      price: live.price ?? recorded.price,
    });
  }

  #recorded(provider: Provider, model: string): ModelFacts {
    const metadata = this.#metadata;
    if (metadata === undefined) return nothing;
    const { catalogId } = provider;
    const here = catalogId === undefined ? undefined : metadata.at(catalogId, model);
    if (here !== undefined) return here;
    const anywhere = metadata.anywhere(model) ?? nothing;
    if (!isServedHere(provider)) return anywhere;
    const { contextWindow: _, inputLimit: __, maxOutputTokens: ___, ...abilities } = anywhere;
    return abilities;
  }
}

const nothing: ModelFacts = {};

/** Only what the config and the catalog say. */
export const catalogKnowledge: Knowledge = new ModelKnowledge({});

/** As far as adapters have to know a model. */
export function traitsOf(facts: ModelFacts): ModelTraits {
  const { contextWindow, inputLimit, maxOutputTokens, reasoning, efforts, vision } = facts;
  const traits = { contextWindow, maxOutputTokens, reasoning, efforts, vision };
  return inputLimit === undefined ? traits : { ...traits, inputLimit };
}

/** Hosts that refuse the parameter where it is not known get it for models that they say words of. */
function reasoningOf(
  provider: Provider,
  entry: ModelTraits | undefined,
  live: ModelFacts,
  recorded: ModelFacts,
): boolean | undefined {
  if (entry?.reasoning !== undefined) return entry.reasoning;
  if (live.efforts !== undefined) return true;
  const others = entry === undefined ? provider.known?.others.reasoning : undefined;
  return others ?? live.reasoning ?? recorded.reasoning;
}

/** What runs on this machine is served with a window that only its server knows. */
function isServedHere({ catalogId, baseUrl }: Provider): boolean {
  if (catalogId !== undefined) return catalogEntry(catalogId)?.kind === 'local';
  return /^https?:\/\/localhost(:|$)/.test(originOf(baseUrl) ?? '');
}

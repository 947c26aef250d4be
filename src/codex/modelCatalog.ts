import { createHash } from 'node:crypto';
import type { ModelTraits } from '../adapters/target.ts';
import type { Config } from '../config/schema.ts';
import { editorProvider } from '../providers/editorProvider.ts';
import { catalogKnowledge, type Knowledge } from '../providers/knowledge.ts';
import { usableWindow } from '../providers/modelFacts.ts';
import { listModels } from '../providers/models.ts';
import { targetOf } from '../providers/resolve.ts';
import { routeModel } from '../providers/routing.ts';
import { describer } from '../sidecars/vision.ts';
import type { JsonObject } from '../turn/turn.ts';
import { baseInstructions } from './baseInstructions.ts';
import type { InstalledModels } from './installedModels.ts';
import { type RoutedNative, routedNatives } from './nativeModels.ts';
import { currentModelId } from './providerTable.ts';

/**
 * Codex's model catalog, as it reads it from `model_catalog_url`. The reader is strict: a field of the
 * wrong form makes it drop the whole list.
 */
export interface ModelCatalog {
  readonly models: readonly (CatalogModel | NativeCatalogModel)[];
}

/** The entry of one of Codex's own models, as Codex itself says it but for what is named here. */
export interface NativeCatalogModel extends JsonObject {
  readonly slug: string;
  readonly priority: number;
}

export interface CatalogModel {
  readonly slug: string;
  readonly display_name: string;
  readonly description: string;
  readonly supported_reasoning_levels: readonly {
    readonly effort: string;
    readonly description: string;
  }[];
  readonly default_reasoning_level: string | null;
  readonly shell_type: 'unified_exec';
  readonly visibility: 'list';
  readonly supported_in_api: true;
  readonly priority: number;
  readonly base_instructions: string;
  readonly support_verbosity: false;
  readonly default_reasoning_summary: 'auto' | 'none';
  readonly supports_reasoning_summary_parameter: boolean;
  readonly apply_patch_tool_type: 'freeform';
  readonly web_search_tool_type: 'text';
  readonly truncation_policy: { readonly mode: 'tokens'; readonly limit: number };
  readonly context_window: number;
  readonly max_context_window: number;
  readonly effective_context_window_percent: number;
  readonly input_modalities: readonly ('text' | 'image')[];
  readonly supports_image_detail_original: false;
  readonly supports_search_tool: false;
  readonly use_responses_lite: false;
  readonly multi_agent_version: 'v1';
  readonly experimental_supported_tools: readonly string[];
}

export interface CatalogOptions {
  /** What the installed Codex says of its own models, where one is installed. */
  readonly codex?: InstalledModels | undefined;
  /** What is known of the models. Default: what the config and our catalog say. */
  readonly knowledge?: Knowledge;
}

/**
 * The models that Codex offers. Codex shows them by `priority` and advertises the first five to
 * sub-agents, so the user's choice for those leads; without a choice, Codex's own models as far as
 * they can be reached.
 */
export function modelCatalog(config: Config, options: CatalogOptions = {}): ModelCatalog {
  const natives = routedNatives(options.codex?.natives ?? [], config);
  const chosen = config.subagentModels ?? natives.slice(0, subagentSlots).map(({ id }) => id);
  const knowledge = options.knowledge ?? catalogKnowledge;
  const sources: readonly Source[] = [
    ...natives,
    currentModel(config, knowledge),
    ...chosenModels(chosen, config, knowledge),
    ...listedModels(config, knowledge),
  ];
  const firstOf = new Map<string, Source>();
  for (const source of sources) {
    if (!firstOf.has(source.id)) firstOf.set(source.id, source);
  }
  const rank = ({ id }: Source) => {
    const place = chosen.indexOf(id);
    if (place !== -1) return place;
    return id === currentModelId ? chosen.length : chosen.length + 1;
  };
  const ranked = [...firstOf.values()].toSorted((a, b) => rank(a) - rank(b));
  const instructions = fittingInstructions(options.codex?.instructions, ranked.length);
  // Whether the login is there, each request tells.
  const described = describer(config, true) !== undefined;
  return {
    models: ranked.map((source, index) =>
      'entry' in source
        ? nativeModel(source, index + 1)
        : catalogModel(source, index + 1, instructions, described),
    ),
  };
}

/** How many models Codex advertises to sub-agents. */
const subagentSlots = 5;

/** Codex reads a list of this size; a prompt that every entry repeats must not make it larger. */
const mostPromptCharacters = 2 * 1024 * 1024;

function fittingInstructions(installed: string | undefined, models: number): string {
  return installed === undefined || installed.length * models > mostPromptCharacters
    ? baseInstructions
    : installed;
}

/** Changes when, and only when, the catalog does. */
export function catalogEtag(catalog: ModelCatalog, text = JSON.stringify(catalog)): string {
  const digest = createHash('sha256').update(text).digest('base64url');
  return `"${digest.slice(0, 22)}"`;
}

type Source = RoutedNative | CatalogSource;

interface CatalogSource {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly traits: ModelTraits;
}

/** More would be a list that nobody reads to its end, and megabytes of prompts in it. */
const mostListed = 500;

/** Where there are too many, every provider keeps the same number of its first ones. */
function listedModels(config: Config, knowledge: Knowledge): readonly CatalogSource[] {
  const all = listModels(config, knowledge);
  const places = new Map<string, number>();
  const placed = all.map((model) => {
    const place = places.get(model.provider) ?? 0;
    places.set(model.provider, place + 1);
    return { model, place };
  });
  const shown = new Set(placed.toSorted((a, b) => a.place - b.place).slice(0, mostListed));
  const fitting = placed.filter((one) => shown.has(one)).map(({ model }) => model);
  return fitting.map(({ id, label, traits }) => ({
    id,
    name: id,
    description: `${label}, through OpenCodex.`,
    traits,
  }));
}

/** Models that the user names for sub-agents, also such as no list has. */
function chosenModels(
  chosen: readonly string[],
  config: Config,
  knowledge: Knowledge,
): readonly CatalogSource[] {
  return chosen.flatMap((id) => {
    const routing = routeModel(id, config);
    if (id === currentModelId || !routing.ok || config.disabledModels.includes(id)) {
      return [];
    }
    const { provider, model } = routing.route;
    if (provider === editorProvider && !knowledge.listed(provider)?.includes(model)) return [];
    const { label, traits } = targetOf(routing.route, knowledge);
    return [{ id, name: id, description: `${label}, through OpenCodex.`, traits }];
  });
}

/**
 * Through the proxy a native model hands tasks over in the open form: the later one can only be read
 * by OpenAI's backend, and a sub-agent may be anybody's.
 */
function nativeModel({ id, entry }: RoutedNative, priority: number): NativeCatalogModel {
  const { upgrade: _upgrade, availability_nux: _nux, ...rest } = entry;
  return { ...rest, slug: id, priority, visibility: 'list', multi_agent_version: 'v1' };
}

/** The model that follows the choice in the status bar, with the abilities of what it stands for. */
function currentModel(config: Config, knowledge: Knowledge): CatalogSource {
  const routing = routeModel(currentModelId, config);
  const target = routing.ok ? targetOf(routing.route, knowledge) : undefined;
  return {
    id: currentModelId,
    name: 'OpenCodex: current model',
    description:
      target === undefined
        ? 'Follows the model that you choose in the editor. None is chosen yet.'
        : `Follows the model that you choose in the editor; now ${target.provider}/${target.model}.`,
    traits: target?.traits ?? unknownTraits,
  };
}

const unknownTraits: ModelTraits = {
  contextWindow: undefined,
  maxOutputTokens: undefined,
  reasoning: undefined,
  efforts: undefined,
  vision: undefined,
};

/**
 * The window of a model of which nothing is known. Without a number Codex never compacts, and a long
 * thread would end in an error; present-day models for agents take this much.
 */
const usualWindow = 128_000;

function catalogModel(
  source: CatalogSource,
  priority: number,
  instructions: string,
  described: boolean,
): CatalogModel {
  const { id, name, description, traits } = source;
  const efforts = effortsOf(traits);
  // The answer's own share of a window is nothing that Codex may fill.
  const window = usableWindow(traits) ?? usualWindow;
  return {
    slug: id,
    display_name: name,
    description,
    supported_reasoning_levels: efforts.map((effort) => ({
      effort,
      description: effortTexts.get(effort) ?? `The level that the provider calls ${effort}`,
    })),
    default_reasoning_level: efforts.includes('medium')
      ? 'medium'
      : (efforts[Math.floor((efforts.length - 1) / 2)] ?? null),
    shell_type: 'unified_exec',
    visibility: 'list',
    supported_in_api: true,
    priority,
    base_instructions: instructions,
    support_verbosity: false,
    default_reasoning_summary: efforts.length === 0 ? 'none' : 'auto',
    supports_reasoning_summary_parameter: efforts.length > 0,
    apply_patch_tool_type: 'freeform',
    web_search_tool_type: 'text',
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    context_window: window,
    max_context_window: window,
    // What Codex keeps free for the answer.
    effective_context_window_percent: 95,
    // Codex leaves images out for a model that takes none; here they are told in words.
    input_modalities: traits.vision === false && !described ? ['text'] : ['text', 'image'],
    supports_image_detail_original: false,
    // Tools are sent as they are: search and the lite form hide them from most models.
    supports_search_tool: false,
    use_responses_lite: false,
    // The later version hands tasks over in a form that only OpenAI's backend can read.
    multi_agent_version: 'v1',
    experimental_supported_tools: [],
  };
}

function effortsOf({ reasoning, efforts }: ModelTraits): readonly string[] {
  if (reasoning === false) {
    return [];
  }
  return efforts ?? ['low', 'medium', 'high'];
}

const effortTexts: ReadonlyMap<string, string> = new Map([
  ['none', 'No reasoning'],
  ['minimal', 'As little reasoning as possible'],
  ['low', 'Quick answers with little reasoning'],
  ['medium', 'A balance of speed and depth'],
  ['high', 'Thorough reasoning for hard problems'],
  ['xhigh', 'Very thorough reasoning'],
  ['max', 'As much reasoning as the model can do'],
]);

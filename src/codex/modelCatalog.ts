import { createHash } from 'node:crypto';
import type { ModelTraits } from '../adapters/target.ts';
import type { Config } from '../config/schema.ts';
import { listModels } from '../providers/models.ts';
import { targetOf } from '../providers/resolve.ts';
import { routeModel } from '../providers/routing.ts';
import { baseInstructions } from './baseInstructions.ts';
import { currentModelId } from './providerTable.ts';

/**
 * Codex's model catalog, as it reads it from `model_catalog_url`. The reader is strict: a field of the
 * wrong form makes it drop the whole list.
 */
export interface ModelCatalog {
  readonly models: readonly CatalogModel[];
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
  /** The system prompt of the routed models. Default: our own. */
  readonly instructions?: string;
}

/**
 * The models that Codex offers. Codex shows them by `priority` and advertises the first five to
 * sub-agents, so the user's choice for those leads.
 */
export function modelCatalog(config: Config, options: CatalogOptions = {}): ModelCatalog {
  const instructions = options.instructions ?? baseInstructions;
  const chosen = config.subagentModels ?? [];
  const models = [currentModel(config), ...chosenModels(chosen, config), ...listedModels(config)];
  const firstOf = new Map<string, CatalogSource>();
  for (const model of models) {
    if (!firstOf.has(model.id)) {
      firstOf.set(model.id, model);
    }
  }
  const rank = ({ id }: CatalogSource) => {
    const place = chosen.indexOf(id);
    return place === -1 ? chosen.length : place;
  };
  return {
    models: [...firstOf.values()]
      .toSorted((a, b) => rank(a) - rank(b))
      .map((model, index) => catalogModel(model, index + 1, instructions)),
  };
}

/** Changes when, and only when, the catalog does. */
export function catalogEtag(catalog: ModelCatalog): string {
  const digest = createHash('sha256').update(JSON.stringify(catalog)).digest('base64url');
  return `"${digest.slice(0, 22)}"`;
}

interface CatalogSource {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly traits: ModelTraits;
}

function listedModels(config: Config): readonly CatalogSource[] {
  return listModels(config).map(({ id, label, traits }) => ({
    id,
    name: id,
    description: `${label}, through OpenCodex.`,
    traits,
  }));
}

/** Models that the user names for sub-agents, also such as no list has. */
function chosenModels(chosen: readonly string[], config: Config): readonly CatalogSource[] {
  return chosen.flatMap((id) => {
    const routing = routeModel(id, config);
    if (id === currentModelId || !routing.ok || config.disabledModels.includes(id)) {
      return [];
    }
    const { label, traits } = targetOf(routing.route);
    return [{ id, name: id, description: `${label}, through OpenCodex.`, traits }];
  });
}

/** The model that follows the choice in the status bar, with the abilities of what it stands for. */
function currentModel(config: Config): CatalogSource {
  const routing = routeModel(currentModelId, config);
  const target = routing.ok ? targetOf(routing.route) : undefined;
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

function catalogModel(source: CatalogSource, priority: number, instructions: string): CatalogModel {
  const { id, name, description, traits } = source;
  const efforts = effortsOf(traits);
  const window = traits.contextWindow ?? usualWindow;
  return {
    slug: id,
    display_name: name,
    description,
    supported_reasoning_levels: efforts.map((effort) => ({
      effort,
      description: effortTexts[effort] ?? `The level that the provider calls ${effort}`,
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
    input_modalities: traits.vision === false ? ['text'] : ['text', 'image'],
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

const effortTexts: Readonly<Record<string, string>> = {
  none: 'No reasoning',
  minimal: 'As little reasoning as possible',
  low: 'Quick answers with little reasoning',
  medium: 'A balance of speed and depth',
  high: 'Thorough reasoning for hard problems',
  xhigh: 'Very thorough reasoning',
  max: 'As much reasoning as the model can do',
};

import { type Config, reservedProviderNames } from '../config/schema.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import { catalogEntry } from './catalog.ts';
import { configuredProviders } from './configured.ts';
import { editorProvider } from './editorProvider.ts';
import type { Provider, Route } from './provider.ts';

export type Routing =
  | { readonly ok: true; readonly route: Route }
  | { readonly ok: false; readonly error: TurnError };

/**
 * Which provider and model a request's model name stands for. The first rule that matches decides:
 * a reserved id, `provider/model`, a provider's default model, one of a provider's models, a
 * well-known prefix, the default provider. Disabled models are hidden, not refused.
 */
export function routeModel(requested: string, config: Config): Routing {
  const { head, rest } = splitName(requested);
  if (rest !== undefined && reservedProviderNames.includes(head.toLowerCase())) {
    return routeReserved(requested, config);
  }
  return routeName(requested, config);
}

/** The id that follows the model that the user chose in the editor. */
const currentId = 'opencodex/current';

function routeReserved(requested: string, config: Config): Routing {
  const name = requested.toLowerCase();
  const { head, rest } = splitName(requested);
  if (head.toLowerCase() === editorProvider.id) {
    return rest === undefined || rest === ''
      ? refuse(`"${shown(requested)}" names no model of ${editorProvider.label}. ${choose(config)}`)
      : to(editorProvider, rest);
  }
  if (name !== currentId) {
    return refuse(
      `"${shown(requested)}": of the ids that begin with "opencodex/" there is only "${currentId}". ${choose(config)}`,
    );
  }
  const current = config.currentModel;
  if (current !== undefined && current.toLowerCase() !== currentId) {
    const routing = routeModel(current, config);
    return routing.ok
      ? routing
      : refuse(`The current model cannot be used. ${routing.error.message}`);
  }
  const provider = configuredProviders(config).get(config.defaultProvider);
  if (provider === undefined) return noDefault(config);
  if (provider.defaultModel === undefined) {
    return refuse(
      `${provider.label}: no model is chosen. Set "defaultModel" of provider "${provider.id}", or "currentModel".`,
    );
  }
  return to(provider, provider.defaultModel);
}

function routeName(requested: string, config: Config): Routing {
  if (requested === '') return refuse(`The request names no model. ${choose(config)}`);
  const { providers, defaults, models } = tableOf(config);

  const { head, rest } = splitName(requested);
  const named = rest === undefined ? undefined : providers.get(head);
  if (named !== undefined) {
    return rest === ''
      ? refuse(`"${shown(requested)}" names no model of ${named.label}. ${choose(config)}`)
      : to(named, rest ?? requested);
  }

  const provider = defaults.get(requested) ?? models.get(requested) ?? byPrefix(requested, config);
  if (provider !== undefined) return to(provider, requested);

  const fallback = providers.get(config.defaultProvider);
  if (fallback === undefined) return noDefault(config);
  if (rest !== undefined && !namesHoldSlashes(fallback)) return unknownProvider(head, config);
  return to(fallback, requested);
}

/** Provider names hold no slash, so the first one ends the provider; models may hold more. */
function splitName(name: string): { readonly head: string; readonly rest: string | undefined } {
  const slash = name.indexOf('/');
  return slash === -1
    ? { head: name, rest: undefined }
    : { head: name.slice(0, slash), rest: name.slice(slash + 1) };
}

/** Whether `x/y` may be a model there: where all that is known has no slash, `x` is a provider. */
function namesHoldSlashes({ defaultModel, models }: Provider): boolean {
  const known = defaultModel === undefined ? models : [defaultModel, ...models];
  return known.length === 0 || known.some((model) => model.includes('/'));
}

interface RoutingTable {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly defaults: ReadonlyMap<string, Provider>;
  readonly models: ReadonlyMap<string, Provider>;
}

const tables = new WeakMap<Config, RoutingTable>();

/** Where several providers have a model of that name, the default provider goes first, then the config's order. */
function tableOf(config: Config): RoutingTable {
  const known = tables.get(config);
  if (known !== undefined) return known;
  const providers = configuredProviders(config);
  const defaults = new Map<string, Provider>();
  const models = new Map<string, Provider>();
  const first = providers.get(config.defaultProvider);
  for (const provider of first === undefined
    ? providers.values()
    : [first, ...providers.values()]) {
    if (provider.unusable !== undefined) continue;
    const { defaultModel } = provider;
    if (defaultModel !== undefined && !defaults.has(defaultModel)) {
      defaults.set(defaultModel, provider);
    }
    for (const model of provider.models) if (!models.has(model)) models.set(model, provider);
  }
  const table = { providers, defaults, models };
  tables.set(config, table);
  return table;
}

const prefixes = [
  ['claude-', 'anthropic'],
  ['gpt-', 'openai'],
  ['o1-', 'openai'],
  ['o3-', 'openai'],
  ['o4-', 'openai'],
  ['llama-', 'groq'],
  ['mixtral-', 'groq'],
  ['gemma-', 'groq'],
] as const;

/** The provider of a well-known prefix: of exactly that name, else one whose name begins with it. */
function byPrefix(requested: string, config: Config): Provider | undefined {
  const family = prefixes.find(([prefix]) => requested.startsWith(prefix))?.[1];
  if (family === undefined) return undefined;
  const usable = [...configuredProviders(config).values()].filter(
    (provider) => provider.unusable === undefined,
  );
  return (
    usable.find(({ id }) => id === family) ??
    usable.find(({ id }) => id === config.defaultProvider && id.startsWith(family)) ??
    usable.find(({ id }) => id.startsWith(family))
  );
}

function to(provider: Provider, model: string): Routing {
  if (provider.unusable === undefined) return { ok: true, route: { provider, model } };
  return { ok: false, error: turnError('rejected', `${provider.label}: ${provider.unusable}`) };
}

function unknownProvider(name: string, config: Config): Routing {
  const entry = catalogEntry(name);
  const missing =
    entry === undefined
      ? `There is no provider "${shown(name)}".`
      : `Provider "${name}" (${entry.label}) is not set up.`;
  return refuse(`${missing} ${choose(config)} Or add "${shown(name)}" to config.json.`);
}

function noDefault(config: Config): Routing {
  return refuse(
    `The default provider "${shown(config.defaultProvider)}" is not set up. ${choose(config)} Or change "defaultProvider" in config.json.`,
  );
}

function choose(config: Config): string {
  const ids = Object.keys(config.providers);
  if (ids.length === 0) return 'No provider is set up: add one to config.json.';
  const more = ids.length > 12 ? ', …' : '';
  return `Use "provider/model" with one of these providers: ${ids.slice(0, 12).join(', ')}${more}.`;
}

function refuse(message: string): Routing {
  return { ok: false, error: turnError('unknown_model', message) };
}

/** A name from outside as a message may show it. */
function shown(name: string): string {
  const text = name.replace(/\p{C}/gu, '?');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

import type { Target } from '../adapters/target.ts';
import type { Knowledge } from '../providers/knowledge.ts';
import type { Provider, Route } from '../providers/provider.ts';
import { targetOf } from '../providers/resolve.ts';

interface Known {
  readonly version: number;
  readonly targets: Map<string, Target>;
}

/** Of one provider; the names come from requests. */
const capacity = 100;

const known = new WeakMap<Knowledge, WeakMap<Provider, Known>>();

/** `targetOf`, looked up once for each state of what is known: a turn needs it before anything else. */
export function knownTarget(route: Route, knowledge: Knowledge): Target {
  const { targets } = stateOf(route.provider, knowledge);
  const before = targets.get(route.model);
  if (before !== undefined) return before;
  const target = targetOf(route, knowledge);
  if (targets.size >= capacity) targets.clear();
  targets.set(route.model, target);
  return target;
}

function stateOf(provider: Provider, knowledge: Knowledge): Known {
  const providers = known.get(knowledge) ?? new WeakMap<Provider, Known>();
  known.set(knowledge, providers);
  const before = providers.get(provider);
  if (before?.version === knowledge.version) return before;
  const state: Known = { version: knowledge.version, targets: new Map() };
  providers.set(provider, state);
  return state;
}

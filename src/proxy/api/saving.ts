import { ConfigNotSaved, updateConfig } from '../../config/save.ts';
import type { Config } from '../../config/schema.ts';
import type { JsonObject } from '../../turn/turn.ts';
import { done, type Outcome, refuse } from './route.ts';
import type { ApiServices } from './services.ts';

type Saved = Outcome<{ readonly ok: true }>;

/** Changes config.json; an answer that is given afterwards knows the change. */
export function saveConfig(
  services: ApiServices,
  change: (raw: JsonObject) => JsonObject,
): Promise<Saved> {
  return saved(services, () => updateConfig(services.home, change));
}

/** Carries out what changes config.json; a change that is not valid is a refusal. */
export async function saved(services: ApiServices, save: () => Promise<Config>): Promise<Saved> {
  try {
    await save();
  } catch (thrown) {
    if (thrown instanceof ConfigNotSaved) return refuse(400, thrown.message);
    throw thrown;
  }
  await services.config.refresh();
  return done;
}

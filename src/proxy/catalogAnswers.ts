import { catalogEtag, modelCatalog } from '../codex/modelCatalog.ts';
import type { Config } from '../config/schema.ts';
import { listModels } from '../providers/models.ts';

export interface CatalogAnswers {
  readonly etag: string;
  /** Codex's model catalog. */
  readonly catalog: string;
  /** OpenAI's list shape and Codex's in one object: each client reads what it knows. */
  readonly list: string;
}

const made = new WeakMap<Config, CatalogAnswers>();

/** The lists of models, made once per config. */
export function catalogAnswers(config: Config): CatalogAnswers {
  let answers = made.get(config);
  if (answers === undefined) {
    const catalog = modelCatalog(config);
    const data = listModels(config).map((model) => ({
      id: model.id,
      object: 'model',
      created: 0,
      owned_by: model.provider,
    }));
    answers = {
      etag: catalogEtag(catalog),
      catalog: JSON.stringify(catalog),
      list: JSON.stringify({ object: 'list', data, models: catalog.models }),
    };
    made.set(config, answers);
  }
  return answers;
}

import type { InstalledModels } from '../codex/installedModels.ts';
import { catalogEtag, modelCatalog } from '../codex/modelCatalog.ts';
import type { Config } from '../config/schema.ts';
import { catalogKnowledge, type Knowledge } from '../providers/knowledge.ts';
import { listModels } from '../providers/models.ts';

export interface CatalogAnswers {
  readonly etag: string;
  /** Codex's model catalog. */
  readonly catalog: string;
  /** OpenAI's list shape and Codex's in one object: each client reads what it knows. */
  readonly list: string;
}

interface Made {
  readonly codex: InstalledModels | undefined;
  readonly version: number;
  readonly answers: CatalogAnswers;
}

const made = new WeakMap<Knowledge, WeakMap<Config, Made>>();

/** The lists of models, made once per config, Codex and state of knowledge. */
export function catalogAnswers(
  config: Config,
  codex?: InstalledModels,
  knowledge: Knowledge = catalogKnowledge,
): CatalogAnswers {
  const { version } = knowledge;
  const ofConfig = made.get(knowledge) ?? new WeakMap<Config, Made>();
  made.set(knowledge, ofConfig);
  const known = ofConfig.get(config);
  if (known?.codex === codex && known?.version === version) return known.answers;
  const answers = answersFor(config, codex, knowledge);
  ofConfig.set(config, { codex, version, answers });
  return answers;
}

function answersFor(
  config: Config,
  codex: InstalledModels | undefined,
  knowledge: Knowledge,
): CatalogAnswers {
  const models = modelCatalog(config, { codex, knowledge });
  const data = listModels(config, knowledge).map((model) => ({
    id: model.id,
    object: 'model',
    created: 0,
    owned_by: model.provider,
  }));
  const catalog = JSON.stringify(models);
  return {
    etag: catalogEtag(models, catalog),
    catalog,
    list: `{"object":"list","data":${JSON.stringify(data)},${catalog.slice(1)}`,
  };
}

import type { Target } from '../adapters/target.ts';
import {
  decodeFor,
  encodeFor,
  type Source,
  type Translation,
  translate,
  withoutTexts,
} from '../adapters/translate.ts';
import type { TextSpans } from '../responses/longTexts.ts';
import { Additions } from '../turn/additions.ts';
import { withImagesInWords } from './imagesInWords.ts';
import { offerSearch } from './offerSearch.ts';
import type { SidecarJob, SidecarWork } from './sidecarJob.ts';

export type SidecarTranslation = (Extract<Translation, { ok: true }> & SidecarWork) | Refused;
type Refused = Extract<Translation, { ok: false }>;

/**
 * Translates a request for a model that lacks what the sidecars have. Pure, like `translate`: who
 * calls it describes the images that are left and runs the searches.
 */
export function translateBeside(
  body: Uint8Array,
  requestedModel: string,
  target: Target,
  job: SidecarJob | undefined,
  texts?: TextSpans,
): SidecarTranslation {
  if (job === undefined) return translate(body, requestedModel, target, texts);
  return withoutTexts(body, texts, (source) => besides(source, requestedModel, target, job));
}

function besides(
  source: Source,
  requestedModel: string,
  target: Target,
  job: SidecarJob,
): SidecarTranslation {
  const decoded = decodeFor(source, requestedModel, target);
  if (!decoded.ok) return decoded;
  const additions = new Additions();
  const offered = offerSearch(decoded, job.search, additions);
  const shown = withImagesInWords(offered.turn, job.descriptions, additions);
  const encoded = encodeFor(
    {
      ...decoded,
      turn: shown.turn,
      additions: [...decoded.additions, ...additions.list],
    },
    target,
    source,
  );
  return {
    ...encoded,
    ...(offered.search === undefined ? {} : { search: offered.search }),
    ...(shown.pending.length === 0 ? {} : { images: shown.pending }),
  };
}

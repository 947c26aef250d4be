import type { Adapter } from '../adapter.ts';
import { errorFromAnswer } from '../upstreamErrors.ts';
import { decoder } from './decode.ts';
import { encode } from './encode.ts';

/** The editor's own models, which a window answers for: what goes there and back is ours. */
export const editorModels: Adapter = {
  encode,
  decoder,
  error: errorFromAnswer,
};

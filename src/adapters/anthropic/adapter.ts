import type { Adapter } from '../adapter.ts';
import { withoutReasoning } from '../remedy.ts';
import { decoder } from './decode.ts';
import { encode } from './encode.ts';
import { errorFrom } from './errors.ts';
import { resume } from './resume.ts';

/** Anthropic's Messages API and the hosts that speak it. */
export const anthropic: Adapter = {
  encode,
  decoder,
  error: errorFrom,
  resume,
  remedy: withoutReasoning,
};

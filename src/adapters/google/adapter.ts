import type { Adapter } from '../adapter.ts';
import { withoutReasoning } from '../remedy.ts';
import { decoder } from './decode.ts';
import { encode } from './encode.ts';
import { errorFrom } from './errors.ts';

/** Google's Gemini API (`generateContent`) and the hosts that speak it. */
export const google: Adapter = {
  encode,
  decoder,
  error: errorFrom,
  remedy: withoutReasoning,
};

import type { Adapter } from '../adapter.ts';
import { withoutReasoning } from '../remedy.ts';
import { errorFromAnswer } from '../upstreamErrors.ts';
import { ChatDecoder } from './decode.ts';
import { encodeChat } from './encode.ts';

/** OpenAI's Chat Completions API and everything that is compatible with it, quirks included. */
export const openaiChat: Adapter = {
  encode: encodeChat,
  decoder: (target, kind) => new ChatDecoder(target, kind),
  error: errorFromAnswer,
  remedy: withoutReasoning,
};

import type { Adapter } from '../adapter.ts';
import { withoutReasoning } from '../remedy.ts';
import { errorFromAnswer } from '../upstreamErrors.ts';
import { responsesDecoder } from './decode.ts';
import { encodeResponses } from './encode.ts';

/**
 * The Responses API of hosts other than OpenAI. They do not know Codex's custom, namespace and
 * tool_search tools, so turns go through the neutral model; OpenAI's own is passed through.
 */
export const openaiResponses: Adapter = {
  encode: encodeResponses,
  decoder: responsesDecoder,
  error: errorFromAnswer,
  remedy: withoutReasoning,
};

import type { Adapter } from './adapter.ts';
import { anthropic } from './anthropic/adapter.ts';
import { editorModels } from './editorModels/adapter.ts';
import { google } from './google/adapter.ts';
import { openaiChat } from './openaiChat/adapter.ts';
import { openaiResponses } from './openaiResponses/adapter.ts';
import type { Wire } from './target.ts';

/** Every wire format. Adding one is adding a folder and a line here. */
const adapters: { readonly [W in Wire]: Adapter } = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  azure: openaiResponses,
  anthropic,
  google,
  'editor-models': editorModels,
};

export function adapterFor(wire: Wire): Adapter {
  return adapters[wire];
}

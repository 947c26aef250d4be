import type { Provider } from '../../src/providers/provider.ts';

/** A provider of which no more is known than where it is; tests say over it what they are about. */
export const plainProvider: Provider = {
  id: 'acme',
  label: 'Acme',
  wire: 'openai-chat',
  baseUrl: 'https://api.acme.test/v1',
  auth: { mode: 'key', header: 'bearer', apiKey: undefined, source: 'config' },
  headers: {},
  defaultModel: undefined,
  models: [],
  noReasoningModels: [],
  noVisionModels: [],
  passthrough: false,
  quirks: {},
};

import type { Provider } from './provider.ts';

/**
 * The editor's own models, as `vscode/<model>`. It stands in no config.json: which models there are,
 * the windows say that are allowed to answer.
 */
export const editorProvider: Provider = {
  id: 'vscode',
  label: 'VS Code',
  wire: 'editor-models',
  baseUrl: 'vscode:',
  auth: { mode: 'key', header: 'bearer', apiKey: undefined, source: 'config' },
  headers: {},
  defaultModel: undefined,
  models: [],
  noReasoningModels: [],
  noVisionModels: [],
  passthrough: false,
  quirks: {},
};

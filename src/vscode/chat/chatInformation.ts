import { type LanguageModelChatInformation, l10n } from 'vscode';
import type { ApiAnswer } from '../../link/api.ts';
import type { Ask } from '../management.ts';

type Model = ApiAnswer<'GET /api/models'>['models'][number];

/** Of a model of which nothing is known. */
const usualWindow = 128_000;
const usualOutput = 16_000;

/** The models that the editor's chat can use: those that need no login of Codex and are not hidden there. */
export async function chatInformation(ask: Ask): Promise<LanguageModelChatInformation[]> {
  const { models } = await ask('GET /api/models', {});
  return models.filter(({ chat, chatHidden }) => chat !== false && !chatHidden).map(information);
}

export function information(model: Model): LanguageModelChatInformation {
  const window = model.contextWindow ?? usualWindow;
  const maxOutputTokens = Math.min(model.maxOutputTokens ?? usualOutput, Math.floor(window / 2));
  return {
    id: model.id,
    name: model.model,
    detail: model.label,
    tooltip: l10n.t('{0}, through OpenCodex', model.id),
    family: model.model,
    version: '1',
    maxInputTokens: window - maxOutputTokens,
    maxOutputTokens,
    capabilities: { toolCalling: model.tools ?? true, imageInput: seesImages(model) },
  };
}

/** The chat leaves images out for a model that takes none. */
function seesImages({ vision, imagesInWords }: Model): boolean {
  return vision === true || imagesInWords === true;
}

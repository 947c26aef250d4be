import {
  type CancellationToken,
  type LanguageModelChat,
  LanguageModelChatMessage,
  LanguageModelChatToolMode,
  LanguageModelDataPart,
  LanguageModelError,
  LanguageModelTextPart,
  LanguageModelToolCallPart,
  LanguageModelToolResultPart,
  l10n,
} from 'vscode';
import type { AnswerLine } from '../../adapters/editorModels/answer.ts';
import type {
  EditorContent,
  EditorMessage,
  EditorRequest,
} from '../../adapters/editorModels/request.ts';
import { reasonOf } from '../../language/reason.ts';
import { estimateTokens } from '../chat/tokenEstimate.ts';
import { type CountedUsage, readThinking, readUsage } from '../untyped.ts';

/** Asks a model of the editor and says what it answers, line by line, to the last one. */
export async function answerTurn(
  model: LanguageModelChat,
  request: EditorRequest,
  token: CancellationToken,
  say: (line: AnswerLine) => void,
): Promise<void> {
  try {
    const { Auto, Required } = LanguageModelChatToolMode;
    const response = await model.sendRequest(
      request.messages.map(messageOf),
      {
        justification: l10n.t('Codex answers with this model, as you have allowed.'),
        tools: request.tools,
        // More than one tool cannot be required.
        toolMode: request.mustCall && request.tools.length === 1 ? Required : Auto,
      },
      token,
    );
    let said = '';
    let usage: CountedUsage | undefined;
    for await (const part of response.stream) {
      if (token.isCancellationRequested) return;
      const line = lineOf(part);
      if (line === undefined) {
        usage = readUsage(part) ?? usage;
      } else {
        said += line.type === 'call' ? line.arguments : line.text;
        say(line);
      }
    }
    say({ type: 'usage', ...(usage ?? guessedUsage(request, said)) });
    say({ type: 'end' });
  } catch (thrown) {
    const message = reasonOf(thrown);
    say({ type: 'error', code: thrown instanceof LanguageModelError ? thrown.code : '', message });
  }
}

function lineOf(
  part: unknown,
): Extract<AnswerLine, { type: 'text' | 'thinking' | 'call' }> | undefined {
  const thinking = readThinking(part);
  if (thinking !== undefined) return { type: 'thinking', text: thinking.text };
  if (part instanceof LanguageModelTextPart) return { type: 'text', text: part.value };
  if (part instanceof LanguageModelToolCallPart) {
    const { callId, name, input } = part;
    return { type: 'call', callId, name, arguments: JSON.stringify(input) };
  }
  return undefined;
}

type UserPart = LanguageModelTextPart | LanguageModelDataPart | LanguageModelToolResultPart;

function messageOf({ role, content }: EditorMessage): LanguageModelChatMessage {
  if (role === 'assistant') {
    const parts = content.flatMap((part): (LanguageModelTextPart | LanguageModelToolCallPart)[] => {
      if (part.type === 'text') return [new LanguageModelTextPart(part.text)];
      if (part.type !== 'call') return [];
      return [new LanguageModelToolCallPart(part.callId, part.name, part.input)];
    });
    return LanguageModelChatMessage.Assistant(parts);
  }
  const parts = content.flatMap((part): UserPart[] => {
    if (part.type === 'call') return [];
    if (part.type !== 'result') return [contentPart(part)];
    return [new LanguageModelToolResultPart(part.callId, part.content.map(contentPart))];
  });
  return LanguageModelChatMessage.User(parts);
}

function contentPart(part: EditorContent): LanguageModelTextPart | LanguageModelDataPart {
  return part.type === 'text'
    ? new LanguageModelTextPart(part.text)
    : LanguageModelDataPart.image(Buffer.from(part.data, 'base64'), part.mimeType);
}

/** Most providers do not tell those who ask what they counted. */
function guessedUsage(request: EditorRequest, said: string): CountedUsage {
  const asked = JSON.stringify({ ...request, messages: request.messages.map(withoutImages) });
  return {
    inputTokens: estimateTokens(asked),
    outputTokens: estimateTokens(said),
    cachedTokens: 0,
    reasoningTokens: 0,
  };
}

function withoutImages({ content }: EditorMessage): unknown {
  return content.map((part) => (part.type === 'image' ? part.type : part));
}

import * as vscode from 'vscode';
import type { Usage } from '../turn/event.ts';

/*
 * What the editor does at run time and its stable types do not say. Everything here is looked for
 * first and left out where it is not there.
 */

/** Instructions have a role of their own in what the editor's chat sends. */
export const systemRole = 3;

/**
 * A group of models that the user has made in the editor is asked for with its `configuration`; the
 * same models are listed without it, and would show twice.
 */
export function isGroupCall(options: object): boolean {
  return 'configuration' in options && options.configuration !== undefined;
}

type Thinking = vscode.LanguageModelTextPart;

/** The model's reasoning; what `sealed` holds comes back with the next turn, where the chat keeps it. */
export function thinkingPart(text: string, id: string, sealed?: string): Thinking | undefined {
  const made = thinkingClass();
  if (made === undefined) return undefined;
  const metadata = sealed === undefined ? undefined : { opencodex: sealed };
  const part: unknown = Reflect.construct(made, [text, id, metadata]);
  return isThinking(part) ? part : undefined;
}

export interface ReadThinking {
  readonly text: string;
  readonly sealed: string | undefined;
}

/** What a part says, where it is reasoning. */
export function readThinking(part: unknown): ReadThinking | undefined {
  if (!isThinking(part)) return undefined;
  const value: unknown = part.value;
  const text = Array.isArray(value) ? value.join('') : String(value ?? '');
  const metadata: unknown = Reflect.get(part, 'metadata');
  const sealed: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'opencodex') : '';
  return { text, sealed: typeof sealed === 'string' && sealed !== '' ? sealed : undefined };
}

function thinkingClass(): (new (...args: never) => unknown) | undefined {
  const found: unknown = Reflect.get(vscode, 'LanguageModelThinkingPart');
  return isClass(found) ? found : undefined;
}

function isClass(value: unknown): value is new (...args: never) => unknown {
  return typeof value === 'function';
}

function isThinking(part: unknown): part is Thinking {
  const made = thinkingClass();
  return made !== undefined && part instanceof made;
}

const usageType = 'usage';

/** What the chat shows as the size of the conversation. */
export function usagePart(usage: Usage): vscode.LanguageModelDataPart {
  const counted = {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
  return vscode.LanguageModelDataPart.json(counted, usageType);
}

export type CountedUsage = Omit<Usage, 'cacheWriteTokens'>;

/** What another provider counted, where it says so. */
export function readUsage(part: unknown): CountedUsage | undefined {
  if (!(part instanceof vscode.LanguageModelDataPart) || part.mimeType !== usageType) {
    return undefined;
  }
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder().decode(part.data));
  } catch {
    return undefined;
  }
  return {
    inputTokens: numberAt(said, 'prompt_tokens'),
    outputTokens: numberAt(said, 'completion_tokens'),
    cachedTokens: numberAt(said, 'prompt_tokens_details', 'cached_tokens'),
    reasoningTokens: numberAt(said, 'completion_tokens_details', 'reasoning_tokens'),
  };
}

function numberAt(value: unknown, ...path: readonly string[]): number {
  let at = value;
  for (const name of path) {
    at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  }
  return typeof at === 'number' && at >= 0 ? at : 0;
}

/** The fake editor's language models: https://code.visualstudio.com/api/references/vscode-api#lm */

export class LanguageModelTextPart {
  readonly value: string;

  constructor(value: string) {
    this.value = value;
  }
}

export class LanguageModelThinkingPart {
  readonly value: string | readonly string[];
  readonly id: string | undefined;
  readonly metadata: object | undefined;

  constructor(value: string | readonly string[], id?: string, metadata?: object) {
    this.value = value;
    this.id = id;
    this.metadata = metadata;
  }
}

export class LanguageModelToolCallPart {
  readonly callId: string;
  readonly name: string;
  readonly input: object;

  constructor(callId: string, name: string, input: object) {
    this.callId = callId;
    this.name = name;
    this.input = input;
  }
}

export class LanguageModelToolResultPart {
  readonly callId: string;
  readonly content: readonly unknown[];

  constructor(callId: string, content: readonly unknown[]) {
    this.callId = callId;
    this.content = content;
  }
}

export class LanguageModelPromptTsxPart {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

export class LanguageModelDataPart {
  readonly data: Uint8Array;
  readonly mimeType: string;

  constructor(data: Uint8Array, mimeType: string) {
    this.data = data;
    this.mimeType = mimeType;
  }

  static image(data: Uint8Array, mimeType: string): LanguageModelDataPart {
    return new LanguageModelDataPart(data, mimeType);
  }

  static json(value: unknown, mimeType = 'text/x-json'): LanguageModelDataPart {
    return new LanguageModelDataPart(new TextEncoder().encode(JSON.stringify(value)), mimeType);
  }
}

export const LanguageModelChatMessageRole = { User: 1, Assistant: 2 } as const;
export const LanguageModelChatToolMode = { Auto: 1, Required: 2 } as const;

export class LanguageModelChatMessage {
  readonly role: number;
  readonly content: readonly unknown[];

  constructor(role: number, content: readonly unknown[]) {
    this.role = role;
    this.content = content;
  }

  static User(content: readonly unknown[]): LanguageModelChatMessage {
    return new LanguageModelChatMessage(LanguageModelChatMessageRole.User, content);
  }

  static Assistant(content: readonly unknown[]): LanguageModelChatMessage {
    return new LanguageModelChatMessage(LanguageModelChatMessageRole.Assistant, content);
  }
}

export class LanguageModelError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }

  static NoPermissions(message: string): LanguageModelError {
    return new LanguageModelError('NoPermissions', message);
  }

  static Blocked(message: string): LanguageModelError {
    return new LanguageModelError('Blocked', message);
  }

  static NotFound(message: string): LanguageModelError {
    return new LanguageModelError('NotFound', message);
  }
}

export class CancellationError extends Error {}

type Listener = (event: unknown) => unknown;

/** A token that tells its listeners once. */
export class FakeToken {
  readonly #listeners = new Set<Listener>();
  isCancellationRequested = false;

  readonly onCancellationRequested = (listener: Listener): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  cancel(): void {
    this.isCancellationRequested = true;
    for (const listener of this.#listeners) listener(undefined);
  }
}

export class CancellationTokenSource {
  readonly token = new FakeToken();

  cancel(): void {
    if (!this.token.isCancellationRequested) this.token.cancel();
  }

  dispose(): void {}
}

/** What a model of the fake editor was asked. */
export interface AskedModel {
  readonly messages: readonly LanguageModelChatMessage[];
  readonly options: {
    readonly justification?: string;
    readonly tools?: readonly unknown[];
    readonly toolMode?: number;
  };
  readonly token: FakeToken;
}

export interface FakeModel {
  readonly vendor: string;
  readonly id: string;
  readonly name: string;
  readonly maxInputTokens: number;
  sendRequest(
    messages: AskedModel['messages'],
    options: AskedModel['options'],
    token: FakeToken,
  ): Promise<{ readonly stream: AsyncIterable<unknown> }>;
}

/** The models that there are, and who provides some. */
export const editorLanguageModels = {
  models: [] as FakeModel[],
  providers: new Map<string, unknown>(),
  listeners: new Set<Listener>(),
};

export const lm = {
  selectChatModels: async () => editorLanguageModels.models,
  registerLanguageModelChatProvider: (vendor: string, provider: unknown) => {
    editorLanguageModels.providers.set(vendor, provider);
    return { dispose: () => editorLanguageModels.providers.delete(vendor) };
  },
  onDidChangeChatModels: (listener: Listener) => {
    editorLanguageModels.listeners.add(listener);
    return { dispose: () => editorLanguageModels.listeners.delete(listener) };
  },
};

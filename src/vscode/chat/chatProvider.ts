import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  type LanguageModelChatInformation,
  type LanguageModelChatProvider,
  type LanguageModelChatRequestMessage,
  type LanguageModelResponsePart,
  lm,
  type Progress,
  type ProvideLanguageModelChatResponseOptions,
  workspace,
} from 'vscode';
import type { Ask } from '../management.ts';
import { chatEnabled } from '../settings.ts';
import type { WindowEvents } from '../windowEvents.ts';
import type { RunChat } from './chatResponse.ts';
import { chatVendor } from './vendor.ts';

export interface ChatProviderOptions {
  readonly events: WindowEvents;
  readonly ask: Ask;
  readonly run: RunChat;
}

const onDemand = () => import('../onDemand.ts');

/** Offers our models to the editor's chat, as long as the setting says so. */
export class ChatProvider implements LanguageModelChatProvider, Disposable {
  readonly #options: ChatProviderOptions;
  readonly #changed = new EventEmitter<void>();
  readonly #listening: readonly Disposable[];
  #registered: Disposable | undefined;

  readonly onDidChangeLanguageModelChatInformation = this.#changed.event;

  constructor(options: ChatProviderOptions) {
    this.#options = options;
    this.#listening = [
      options.events.onEvent((event) => {
        const listed = event.type === 'changed' && event.what !== 'requests';
        if (listed || event.type === 'state') this.#changed.fire();
      }),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('opencodex.chat')) this.#follow();
      }),
    ];
    this.#follow();
  }

  async provideLanguageModelChatInformation(
    options: object,
  ): Promise<LanguageModelChatInformation[]> {
    const { chatInformation, isGroupCall } = await onDemand();
    const { status } = this.#options.events.state;
    if (isGroupCall(options) || (status !== 'listening' && status !== 'elsewhere')) return [];
    return chatInformation(this.#options.ask);
  }

  async provideLanguageModelChatResponse(
    model: LanguageModelChatInformation,
    messages: readonly LanguageModelChatRequestMessage[],
    options: ProvideLanguageModelChatResponseOptions,
    progress: Progress<LanguageModelResponsePart>,
    token: CancellationToken,
  ): Promise<void> {
    const { chatResponse } = await onDemand();
    const question = { model: model.id, messages, options, progress, token };
    await chatResponse(this.#options.run, question);
  }

  async provideTokenCount(
    _model: LanguageModelChatInformation,
    text: string | LanguageModelChatRequestMessage,
  ): Promise<number> {
    return (await onDemand()).countTokens(text);
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
    this.#registered?.dispose();
    this.#changed.dispose();
  }

  #follow(): void {
    if (chatEnabled()) {
      this.#registered ??= lm.registerLanguageModelChatProvider(chatVendor, this);
    } else {
      this.#registered?.dispose();
      this.#registered = undefined;
    }
  }
}

import { type Disposable, workspace } from 'vscode';
import type { OfferedModels } from '../link/api/editorModelsApi.ts';
import { ChatProvider } from './chat/chatProvider.ts';
import type { RunChat } from './chat/chatResponse.ts';
import type { EditorModels } from './editorModels/editorModels.ts';
import type { Ask } from './management.ts';
import { editorModelsAllowed } from './settings.ts';
import type { WindowEvents } from './windowEvents.ts';

export interface LanguageModelsOptions {
  readonly events: WindowEvents;
  readonly ask: Ask;
  readonly chat: RunChat;
  offer(models: OfferedModels): void;
}

/** Both directions between the editor's language models and ours. */
export class LanguageModels implements Disposable {
  readonly #options: LanguageModelsOptions;
  readonly #owned: Disposable[];
  #editor: Promise<EditorModels> | undefined;

  constructor(options: LanguageModelsOptions) {
    this.#options = options;
    this.#owned = [
      new ChatProvider({ events: options.events, ask: options.ask, run: options.chat }),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('opencodex.editorModels')) this.#start();
      }),
    ];
    this.#start();
  }

  /** A turn of Codex for one of the editor's models, or that nobody waits for it any more. */
  async turn({ id, over }: { readonly id: string; readonly over: boolean }): Promise<void> {
    // What goes wrong is told in the answer; where that cannot be sent, nobody waits for it.
    await this.#models()
      .then((models) => models.turn(id, over))
      .catch(() => {});
  }

  dispose(): void {
    for (const one of this.#owned) one.dispose();
    void this.#editor?.then((models) => models.dispose());
  }

  #start(): void {
    if (editorModelsAllowed() && this.#editor === undefined) {
      void this.#models().then((models) => models.refresh());
    }
  }

  #models(): Promise<EditorModels> {
    const { ask, offer } = this.#options;
    this.#editor ??= import('./onDemand.ts').then(
      ({ EditorModels }) => new EditorModels({ ask, offer }),
    );
    return this.#editor;
  }
}

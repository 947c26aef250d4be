import { CancellationTokenSource, type Disposable, lm, workspace } from 'vscode';
import { type AnswerLine, writeLine } from '../../adapters/editorModels/answer.ts';
import { readEditorRequest } from '../../adapters/editorModels/request.ts';
import type { OfferedModels } from '../../link/api/editorModelsApi.ts';
import { parseJson } from '../../turn/json.ts';
import type { Ask } from '../management.ts';
import { editorModelsAllowed } from '../settings.ts';
import { answerTurn } from './answerTurn.ts';
import { namedModels, offered } from './offer.ts';

export interface EditorModelsOptions {
  readonly ask: Ask;
  /** Tells the proxy; `null`: the user has not allowed it. */
  offer(models: OfferedModels): void;
}

/** More in one message would be more than the management API takes. */
const mostCharacters = 200_000;

/** Answers Codex with the editor's own models, where the user has allowed it. */
export class EditorModels implements Disposable {
  readonly #options: EditorModelsOptions;
  readonly #listening: readonly Disposable[];
  readonly #running = new Map<string, CancellationTokenSource>();
  #looks = 0;

  constructor(options: EditorModelsOptions) {
    this.#options = options;
    this.#listening = [
      lm.onDidChangeChatModels(() => void this.refresh()),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('opencodex.editorModels')) void this.refresh();
      }),
    ];
  }

  /** Looks which models there are. The editor's own services start with that: only who allows it asks. */
  async refresh(): Promise<void> {
    const look = ++this.#looks;
    // Where the editor cannot say it now, what it said before stays.
    const models = editorModelsAllowed()
      ? await namedModels().then(offered, () => undefined)
      : null;
    if (models !== undefined && look === this.#looks) this.#options.offer(models);
    if (models === null) for (const cancel of this.#running.values()) cancel.cancel();
  }

  /** Answers a turn, or leaves one that nobody waits for. */
  async turn(id: string, over: boolean): Promise<void> {
    if (over) {
      this.#running.get(id)?.cancel();
      return;
    }
    const cancel = new CancellationTokenSource();
    this.#running.set(id, cancel);
    try {
      await this.#answer(id, cancel);
    } finally {
      this.#running.delete(id);
      cancel.dispose();
    }
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
    for (const cancel of this.#running.values()) cancel.cancel();
  }

  async #answer(id: string, cancel: CancellationTokenSource): Promise<void> {
    const { ask } = this.#options;
    const { body } = await ask('GET /api/editor-turns/:id', { id });
    const sender = new Sender(
      async (text, over) => {
        const { wanted } = await ask('POST /api/editor-turns/:id', { id, text, over });
        if (!wanted && !over) cancel.cancel();
      },
      () => cancel.cancel(),
    );
    const request = readEditorRequest(parseJson(body));
    const model =
      request && editorModelsAllowed() ? (await namedModels()).get(request.model) : undefined;
    if (request === undefined || model === undefined) {
      const message = 'It is not there any more. Choose another model.';
      sender.say({ type: 'error', code: 'NotFound', message });
    } else {
      await answerTurn(model, request, cancel.token, (line) => sender.say(line));
    }
    await sender.end();
  }
}

/** Sends what is said in its order: while one message is on its way, the next one gathers. */
class Sender {
  readonly #send: (text: string, over: boolean) => Promise<void>;
  readonly #failed: () => void;
  #text = '';
  #sending: Promise<void> | undefined;
  #broken = false;

  constructor(send: (text: string, over: boolean) => Promise<void>, failed: () => void) {
    this.#send = send;
    this.#failed = failed;
  }

  say(line: AnswerLine): void {
    if (this.#broken) return;
    this.#text += writeLine(line);
    this.#sending ??= this.#run();
  }

  async end(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
    if (!this.#broken) await this.#send('', true);
  }

  async #run(): Promise<void> {
    while (this.#text !== '' && !this.#broken) {
      const text = this.#text.slice(0, mostCharacters);
      this.#text = this.#text.slice(mostCharacters);
      try {
        await this.#send(text, false);
      } catch {
        this.#broken = true;
        this.#failed();
      }
    }
    // At once: what is said from now on needs another run.
    this.#sending = undefined;
  }
}

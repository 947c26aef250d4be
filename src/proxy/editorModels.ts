import { randomUUID } from 'node:crypto';
import { modelAt } from '../adapters/editorModels/encode.ts';
import type { OfferedModels } from '../link/api/editorModelsApi.ts';
import type { EditorModelFacts } from '../providers/knowledge.ts';
import type { ModelFacts } from '../providers/modelFacts.ts';
import { turnError } from '../turn/error.ts';
import type { Exchange, Receiver, Upstream, UpstreamRequest } from './upstream.ts';
import { ownWindow } from './vault.ts';

/** Something that happens to a turn, as the window that answers it hears. */
export interface EditorTurnNote {
  readonly id: string;
  /** Nobody waits for the answer any more. */
  readonly over: boolean;
}

export interface EditorModelsOptions {
  /** Tells a window, which fetches a turn that is new; `false` where it is not there. */
  tell(window: string, note: EditorTurnNote): boolean;
  /** Other models can be had than before. */
  changed(): void;
}

interface Waiting {
  readonly window: string;
  readonly body: Uint8Array;
  readonly receiver: Receiver;
  begun: boolean;
}

/** The editor's own models: who offers them, and the turns that windows answer. */
export class EditorModels implements Upstream, EditorModelFacts {
  readonly #options: EditorModelsOptions;
  readonly #offers = new Map<string, OfferedModels>();
  readonly #turns = new Map<string, Waiting>();
  #version = 0;

  constructor(options: EditorModelsOptions) {
    this.#options = options;
  }

  get version(): number {
    return this.#version;
  }

  get names(): readonly string[] {
    const all = [...this.#offers.values()].flatMap((models) => models ?? []);
    return [...new Set(all.map(({ name }) => name))];
  }

  /** What users are told of them; `null` where no window is there that could answer. */
  get standing(): { readonly allowed: boolean; readonly models: number } | null {
    const offers = [...this.#offers.values()];
    if (offers.length === 0) return null;
    return { allowed: offers.some((models) => models !== null), models: this.names.length };
  }

  facts(model: string): ModelFacts {
    for (const models of this.#offers.values()) {
      const found = models?.find(({ name }) => name === model);
      if (found === undefined) continue;
      const { label, contextWindow } = found;
      const known = { name: label, tools: true, reasoning: false };
      return contextWindow === undefined ? known : { ...known, contextWindow };
    }
    return {};
  }

  /** What a window offers; `undefined` where it never said. */
  offerOf(window: string): OfferedModels | undefined {
    return this.#offers.get(window);
  }

  offer(window: string, models: OfferedModels): void {
    if (JSON.stringify(this.#offers.get(window)) === JSON.stringify(models)) return;
    this.#offers.set(window, models);
    this.#changed();
  }

  /** The window is gone, and with it the answers that it was giving. */
  forget(window: string): void {
    if (!this.#offers.delete(window)) return;
    for (const [id, turn] of this.#turns) {
      if (turn.window !== window) continue;
      this.#turns.delete(id);
      turn.receiver.fail(turn.begun ? cut : nobody);
    }
    this.#changed();
  }

  send(request: UpstreamRequest, receiver: Receiver): Exchange {
    const model = modelAt(request.url);
    const window = this.#windowFor(model);
    const id = randomUUID();
    if (window === undefined) {
      receiver.fail(this.#refusal(model));
      return over;
    }
    this.#turns.set(id, { window, body: request.body, receiver, begun: false });
    if (!this.#options.tell(window, { id, over: false })) {
      this.#turns.delete(id);
      receiver.fail(nobody);
    }
    return {
      // An answer is at most as large as a model may write: it may wait here.
      pause: () => {},
      resume: () => {},
      abort: () => {
        if (this.#turns.delete(id)) this.#options.tell(window, { id, over: true });
      },
    };
  }

  /** The turn as JSON text, for the window that is to answer it. */
  turn(id: string): string | undefined {
    const turn = this.#turns.get(id);
    return turn && new TextDecoder().decode(turn.body);
  }

  /** A part of an answer; `false` where nobody waits for it. */
  answer(id: string, text: string, over: boolean): boolean {
    const turn = this.#turns.get(id);
    if (turn === undefined) return false;
    if (over) this.#turns.delete(id);
    const { receiver } = turn;
    if (!turn.begun) receiver.head(200, { 'content-type': 'application/x-ndjson' });
    turn.begun = true;
    if (text !== '') receiver.data(Buffer.from(text));
    if (over) receiver.end();
    return this.#turns.has(id);
  }

  /** This window first: the way is shorter. */
  #windowFor(model: string): string | undefined {
    const offers = (window: string): boolean =>
      this.#offers.get(window)?.some(({ name }) => name === model) === true;
    return offers(ownWindow) ? ownWindow : [...this.#offers.keys()].find(offers);
  }

  #refusal(model: string) {
    const offers = [...this.#offers.values()];
    if (offers.length === 0) return nobody;
    if (offers.every((models) => models === null)) return notAllowed;
    return turnError(
      'unknown_model',
      `VS Code has no model "${model}" now. Choose one that Codex lists as "vscode/…".`,
      { status: 404 },
    );
  }

  #changed(): void {
    this.#version += 1;
    this.#options.changed();
  }
}

const over: Exchange = { pause: () => {}, resume: () => {}, abort: () => {} };

const nobody = turnError('rejected', "Open a VS Code window to use VS Code's models.", {
  status: 400,
});

const notAllowed = turnError(
  'permission',
  `VS Code's models may not be used by Codex yet. Run "OpenCodex: Allow Codex to Use VS Code's Models" in VS Code.`,
  { status: 403 },
);

const cut = turnError('cut', 'The VS Code window that gave the answer was closed.');

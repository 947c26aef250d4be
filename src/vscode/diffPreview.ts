import { commands, type Disposable, TabInputTextDiff, Uri, window, workspace } from 'vscode';

const scheme = 'opencodex-preview';

let opened = 0;

interface Texts {
  /** The file that both texts are about. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** A read-only comparison of a file as it is with what it is about to become. */
export class DiffPreview {
  readonly #right: Uri;
  readonly #provider: Disposable;

  private constructor(right: Uri, provider: Disposable) {
    this.#right = right;
    this.#provider = provider;
  }

  static async open({ path, before, after }: Texts, title: string): Promise<DiffPreview> {
    // The editor keeps texts by address: each preview needs its own.
    opened += 1;
    const file = Uri.file(path).with({ scheme });
    const left = file.with({ query: `before-${opened}` });
    const right = file.with({ query: `after-${opened}` });
    const provider = workspace.registerTextDocumentContentProvider(scheme, {
      provideTextDocumentContent: (uri) => (uri.query === left.query ? before : after),
    });
    try {
      await commands.executeCommand('vscode.diff', left, right, title, { preview: true });
    } catch (thrown) {
      provider.dispose();
      throw thrown;
    }
    return new DiffPreview(right, provider);
  }

  async close(): Promise<void> {
    const tabs = window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(
        ({ input }) =>
          input instanceof TabInputTextDiff && input.modified.toString() === this.#right.toString(),
      );
    await window.tabGroups.close(tabs);
    this.#provider.dispose();
  }
}

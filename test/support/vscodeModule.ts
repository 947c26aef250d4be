/** What the user was shown. */
export interface ShownMessage {
  readonly kind: 'information' | 'warning' | 'error';
  readonly text: string;
  readonly buttons: readonly string[];
}

interface Picked {
  readonly label: string;
}

type Handler = (...args: readonly unknown[]) => unknown;

/** What the fake editor saw, and what its user answers. */
export const editor = {
  messages: [] as ShownMessage[],
  commands: new Map<string, Handler>(),
  executed: [] as string[],
  contexts: new Map<string, unknown>(),
  statusItems: [] as FakeStatusBarItem[],
  settings: new Map<string, unknown>(),
  /** Texts of virtual documents by address. */
  readText: (_uri: Uri): string | undefined => undefined,
  tabs: [] as { readonly input: unknown }[],
  clipboard: '',
  opened: [] as string[],
  /** The button that the user presses; `undefined` closes the message. */
  press: (_message: ShownMessage): string | undefined => undefined,
  /** The entry that the user picks. */
  pick: <T extends Picked>(_items: readonly T[]): T | undefined => undefined,
  /** What the user types. */
  type: (_box: { readonly title?: string; readonly value?: string }): string | undefined =>
    undefined,

  reset(): void {
    this.messages.length = 0;
    this.commands.clear();
    this.executed.length = 0;
    this.contexts.clear();
    this.statusItems.length = 0;
    this.settings.clear();
    this.tabs.length = 0;
    this.clipboard = '';
    this.opened.length = 0;
    this.press = () => undefined;
    this.pick = () => undefined;
    this.type = () => undefined;
  },
};

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event = (listener: (value: T) => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

/** Escapes as the editor does: https://github.com/microsoft/vscode/blob/main/src/vs/base/common/htmlContent.ts */
export class MarkdownString {
  value: string;
  isTrusted: unknown;

  constructor(value = '') {
    this.value = value;
  }

  appendText(text: string): this {
    this.value += text.replace(/[\\`*_{}[\]()#+\-!~<>]/g, '\\$&');
    return this;
  }

  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
}

export class ThemeColor {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

export class ThemeIcon {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

export class FakeStatusBarItem {
  readonly id: string;
  name: string | undefined;
  text = '';
  tooltip: MarkdownString | undefined;
  command: string | undefined;
  backgroundColor: ThemeColor | undefined;
  accessibilityInformation: { readonly label: string } | undefined;
  visible = false;

  constructor(id: string) {
    this.id = id;
  }

  show(): void {
    this.visible = true;
  }

  hide(): void {
    this.visible = false;
  }

  dispose(): void {
    this.visible = false;
  }
}

export class Uri {
  readonly scheme: string;
  readonly fsPath: string;
  readonly query: string;

  private constructor(scheme: string, fsPath: string, query: string) {
    this.scheme = scheme;
    this.fsPath = fsPath;
    this.query = query;
  }

  static file(path: string): Uri {
    return new Uri('file', path, '');
  }

  with(change: { readonly scheme?: string; readonly query?: string }): Uri {
    return new Uri(change.scheme ?? this.scheme, this.fsPath, change.query ?? this.query);
  }

  toString(): string {
    return `${this.scheme}:${this.fsPath}?${this.query}`;
  }
}

export class TabInputTextDiff {
  readonly original: Uri;
  readonly modified: Uri;

  constructor(original: Uri, modified: Uri) {
    this.original = original;
    this.modified = modified;
  }
}

/** Accepts what the test picks as soon as it is shown. */
class FakeQuickPick {
  items: readonly Picked[] = [];
  selectedItems: readonly Picked[] = [];
  readonly #accept = new EventEmitter<void>();
  readonly #hide = new EventEmitter<void>();
  readonly #value = new EventEmitter<string>();
  readonly onDidAccept = this.#accept.event;
  readonly onDidHide = this.#hide.event;
  readonly onDidChangeValue = this.#value.event;

  show(): void {
    const typed = editor.type({});
    if (typed !== undefined) this.#value.fire(typed);
    const item = editor.pick(this.items);
    if (item === undefined) {
      this.hide();
    } else {
      this.selectedItems = [item];
      this.#accept.fire();
    }
  }

  hide(): void {
    this.#hide.fire();
  }

  dispose(): void {}
}

export const StatusBarAlignment = { Left: 1, Right: 2 } as const;
export const ViewColumn = { Active: -1 } as const;
export const QuickPickItemKind = { Separator: -1, Default: 0 } as const;

const message =
  (kind: ShownMessage['kind']) =>
  async (text: string, ...rest: readonly unknown[]): Promise<string | undefined> => {
    const buttons = rest.filter((item) => typeof item === 'string');
    const shown = { kind, text, buttons };
    editor.messages.push(shown);
    return editor.press(shown);
  };

export const window = {
  showInformationMessage: message('information'),
  showWarningMessage: message('warning'),
  showErrorMessage: message('error'),
  showQuickPick: async <T extends Picked>(items: readonly T[] | Promise<readonly T[]>) =>
    editor.pick(await items),
  showInputBox: async (box: { readonly title?: string; readonly value?: string }) =>
    editor.type(box),
  setStatusBarMessage: () => ({ dispose: () => {} }),
  showTextDocument: async (uri: Uri) => void editor.opened.push(uri.fsPath),
  tabGroups: {
    get all() {
      return [{ tabs: [...editor.tabs] }];
    },
    close: async (tabs: readonly { readonly input: unknown }[]) => {
      editor.tabs = editor.tabs.filter((tab) => !tabs.includes(tab));
    },
  },
  createQuickPick: () => new FakeQuickPick(),
  createStatusBarItem: (id: string): FakeStatusBarItem => {
    const item = new FakeStatusBarItem(id);
    editor.statusItems.push(item);
    return item;
  },
};

export const commands = {
  registerCommand: (id: string, handler: Handler) => {
    editor.commands.set(id, handler);
    return { dispose: () => editor.commands.delete(id) };
  },
  executeCommand: async (id: string, ...args: readonly unknown[]) => {
    if (id === 'setContext') editor.contexts.set(String(args[0]), args[1]);
    else editor.executed.push(id);
    const [left, right] = args;
    if (id === 'vscode.diff' && left instanceof Uri && right instanceof Uri) {
      editor.tabs.push({ input: new TabInputTextDiff(left, right) });
    }
  },
};

export const env = {
  clipboard: {
    writeText: async (text: string) => {
      editor.clipboard = text;
    },
  },
};

export const workspace = {
  getConfiguration: (section: string) => ({
    get: (name: string, otherwise?: unknown) =>
      editor.settings.get(`${section}.${name}`) ?? otherwise,
  }),
  onDidChangeConfiguration: () => ({ dispose: () => {} }),
  registerTextDocumentContentProvider: (
    _scheme: string,
    provider: { provideTextDocumentContent(uri: Uri): string },
  ) => {
    editor.readText = (uri) => provider.provideTextDocumentContent(uri);
    return { dispose: () => {} };
  },
  fs: {
    stat: async (uri: Uri) => (await import('node:fs/promises')).stat(uri.fsPath),
  },
};

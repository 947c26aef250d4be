import { EventEmitter } from './vscodeEvents.ts';
import { FakePanel } from './vscodePanel.ts';

/** What the user was shown. */
export interface ShownMessage {
  readonly kind: 'information' | 'warning' | 'error';
  readonly text: string;
  readonly buttons: readonly string[];
}

interface Picked {
  readonly label: string;
}

/** A box of the editor that waits for the user. */
export interface ShownInput {
  readonly title?: string | undefined;
  readonly value?: string;
  readonly prompt?: string | undefined;
  readonly validationMessage?: string | undefined;
}

type Handler = (...args: readonly unknown[]) => unknown;

/** What the fake editor saw, and what its user answers. */
export const editor = {
  messages: [] as ShownMessage[],
  commands: new Map<string, Handler>(),
  executed: [] as string[],
  contexts: new Map<string, unknown>(),
  statusItems: [] as FakeStatusBarItem[],
  panels: [] as FakePanel[],
  settings: new Map<string, unknown>(),
  /** Texts of virtual documents by address. */
  readText: (_uri: Uri): string | undefined => undefined,
  tabs: [] as { readonly input: unknown }[],
  clipboard: '',
  opened: [] as string[],
  /** The button that the user presses; `undefined` closes the message. */
  press: (_message: ShownMessage): string | undefined | Promise<string | undefined> => undefined,
  /** The entry that the user picks. */
  pick: <T extends Picked>(_items: readonly T[]): T | undefined => undefined,
  /** What the user types. */
  type: (_box: ShownInput): string | undefined => undefined,
  /** Where the user saves a file. */
  saveAs: undefined as string | undefined,
  /** Whether the user presses Back instead. */
  back: (_input: ShownInput): boolean => false,
  /** Whether the user cancels what goes on. */
  cancels: false,

  reset(): void {
    this.messages.length = 0;
    this.commands.clear();
    this.executed.length = 0;
    this.contexts.clear();
    this.statusItems.length = 0;
    this.panels.length = 0;
    this.settings.clear();
    this.tabs.length = 0;
    this.clipboard = '';
    this.opened.length = 0;
    this.press = () => undefined;
    this.pick = () => undefined;
    this.type = () => undefined;
    this.saveAs = undefined;
    this.back = () => false;
    this.cancels = false;
  },
};

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

  static parse(text: string): Uri {
    const { protocol, host, pathname, search } = new URL(text);
    return new Uri(protocol.slice(0, -1), `//${host}${pathname}`, search.slice(1));
  }

  static joinPath(uri: Uri, ...parts: readonly string[]): Uri {
    return new Uri(uri.scheme, [uri.fsPath, ...parts].join('/'), '');
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

export const QuickInputButtons = { Back: { iconPath: 'back' } } as const;

/** What both kinds of boxes have. */
class FakeInput {
  title: string | undefined;
  placeholder: string | undefined;
  prompt: string | undefined;
  busy = false;
  enabled = true;
  ignoreFocusOut = false;
  buttons: readonly unknown[] = [];
  #open = false;
  readonly #accept = new EventEmitter<void>();
  readonly #hide = new EventEmitter<void>();
  readonly #button = new EventEmitter<unknown>();
  readonly #value = new EventEmitter<string>();
  readonly onDidAccept = this.#accept.event;
  readonly onDidHide = this.#hide.event;
  readonly onDidTriggerButton = this.#button.event;
  readonly onDidChangeValue = this.#value.event;

  get open(): boolean {
    return this.#open;
  }

  show(): void {
    this.#open = true;
    // The editor shows a box before the user answers.
    queueMicrotask(() => {
      if (this.buttons.includes(QuickInputButtons.Back) && editor.back(this)) {
        this.#button.fire(QuickInputButtons.Back);
      } else {
        this.answer();
      }
    });
  }

  hide(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#hide.fire();
  }

  dispose(): void {}

  protected answer(): void {
    this.hide();
  }

  protected changed(text: string): void {
    this.#value.fire(text);
  }

  protected accept(): void {
    this.#accept.fire();
  }
}

/** Accepts what the test picks. */
class FakeQuickPick extends FakeInput {
  items: readonly Picked[] = [];
  activeItems: readonly Picked[] = [];
  selectedItems: readonly Picked[] = [];
  matchOnDescription = false;
  matchOnDetail = false;

  protected override answer(): void {
    const typed = editor.type({});
    if (typed !== undefined) this.changed(typed);
    const item = editor.pick(this.items);
    if (item === undefined) {
      this.hide();
    } else {
      this.selectedItems = [item];
      this.accept();
    }
  }
}

/** Takes what the test types, and asks again while it is not accepted. */
class FakeInputBox extends FakeInput {
  value = '';
  password = false;
  #validationMessage: string | undefined;

  get validationMessage(): string | undefined {
    return this.#validationMessage;
  }

  set validationMessage(message: string | undefined) {
    this.#validationMessage = message;
    if (message !== undefined && this.open && this.enabled && this.#asked) {
      this.#asked = false;
      queueMicrotask(() => this.answer());
    }
  }

  #asked = false;

  protected override answer(): void {
    const text = editor.type(this);
    if (text === undefined) {
      this.hide();
      return;
    }
    this.value = text;
    this.changed(text);
    this.#validationMessage = undefined;
    this.#asked = true;
    this.accept();
  }
}

export const InputBoxValidationSeverity = { Info: 1, Warning: 2, Error: 3 } as const;
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
  showInputBox: async (box: ShownInput) => editor.type(box),
  setStatusBarMessage: () => ({ dispose: () => {} }),
  showTextDocument: async (shown: Uri | { readonly content: string }) =>
    void editor.opened.push(shown instanceof Uri ? shown.fsPath : shown.content),
  tabGroups: {
    get all() {
      return [{ tabs: [...editor.tabs] }];
    },
    close: async (tabs: readonly { readonly input: unknown }[]) => {
      editor.tabs = editor.tabs.filter((tab) => !tabs.includes(tab));
    },
  },
  createQuickPick: () => new FakeQuickPick(),
  createInputBox: () => new FakeInputBox(),
  withProgress: <T>(
    _options: object,
    task: (
      progress: { report(step: object): void },
      cancelled: { onCancellationRequested(listener: () => void): void },
    ) => Promise<T>,
  ): Promise<T> =>
    task(
      { report: () => {} },
      {
        onCancellationRequested: (listener) => {
          if (editor.cancels) queueMicrotask(listener);
        },
      },
    ),
  createWebviewPanel: (): FakePanel => {
    const panel = new FakePanel();
    editor.panels.push(panel);
    return panel;
  },
  registerWebviewPanelSerializer: () => ({ dispose: () => {} }),
  showSaveDialog: async (): Promise<Uri | undefined> =>
    editor.saveAs === undefined ? undefined : Uri.file(editor.saveAs),
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

export const ProgressLocation = { Notification: 15, Window: 10 } as const;

export const l10n = {
  uri: undefined,
  t: (text: string, ...values: readonly unknown[]): string =>
    text.replace(/\{(\d)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole)),
};

export const env = {
  remoteName: undefined,
  openExternal: async (uri: Uri): Promise<boolean> => {
    editor.opened.push(uri.toString());
    return true;
  },
  clipboard: {
    writeText: async (text: string) => {
      editor.clipboard = text;
    },
  },
};

export const ConfigurationTarget = { Global: 1 } as const;

const settingsChanged = new EventEmitter<{ affectsConfiguration(section: string): boolean }>();

export const workspace = {
  getConfiguration: (section: string) => ({
    // What the user has written counts, also a value of another type.
    get: (name: string, otherwise?: unknown) => {
      const setting = `${section}.${name}`;
      return editor.settings.has(setting) ? editor.settings.get(setting) : otherwise;
    },
    update: async (name: string, value: unknown) => {
      editor.settings.set(`${section}.${name}`, value);
      settingsChanged.fire({
        affectsConfiguration: (asked) => `${section}.${name}`.startsWith(asked),
      });
    },
  }),
  onDidChangeConfiguration: settingsChanged.event,
  openTextDocument: async (options: { readonly content: string }) => options,
  registerTextDocumentContentProvider: (
    _scheme: string,
    provider: { provideTextDocumentContent(uri: Uri): string },
  ) => {
    editor.readText = (uri) => provider.provideTextDocumentContent(uri);
    return { dispose: () => {} };
  },
  fs: {
    stat: async (uri: Uri) => (await import('node:fs/promises')).stat(uri.fsPath),
    writeFile: async (uri: Uri, content: Uint8Array) =>
      (await import('node:fs/promises')).writeFile(uri.fsPath, content),
  },
};

export * from './vscodeEvents.ts';
export * from './vscodeModels.ts';

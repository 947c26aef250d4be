import type { WebviewPanel } from 'vscode';
import {
  commands,
  type Disposable,
  env,
  ThemeIcon,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import { reasonOf } from '../language/reason.ts';
import type { ApiCall, ApiReply } from '../link/api.ts';
import type { HostMessage, PageMessage } from '../link/dashboardLink.ts';
import type { CommandId } from './commandIds.ts';
import { dashboardPage } from './dashboardPage.ts';
import type { WindowEvents } from './windowEvents.ts';

const viewType = 'opencodex.dashboard';

export interface DashboardSources {
  readonly extensionUri: Uri;
  readonly events: WindowEvents;
  api(call: ApiCall): Promise<ApiReply>;
}

/** The dashboard's panel: at most one. What it shows it asks the management API. */
export class Dashboard implements Disposable {
  readonly #sources: DashboardSources;
  readonly #serializer: Disposable;
  #panel: WebviewPanel | undefined;
  /** Whether the page in the panel hears what it is told. */
  #listens = false;
  /** The tab that a page is to open with once it listens. */
  #tab: string | undefined;

  constructor(sources: DashboardSources) {
    this.#sources = sources;
    this.#serializer = window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel) => this.#adopt(panel),
    });
  }

  open(tab?: string): void {
    this.#tab = tab;
    if (this.#panel === undefined) {
      this.#adopt(window.createWebviewPanel(viewType, 'OpenCodex', ViewColumn.Active));
    } else {
      this.#panel.reveal();
      if (this.#listens) this.#show(this.#panel);
    }
  }

  dispose(): void {
    this.#serializer.dispose();
    this.#panel?.dispose();
  }

  /** Also a panel that the editor kept over a reload gets today's page and rights. */
  #adopt(panel: WebviewPanel): void {
    this.#panel?.dispose();
    this.#panel = panel;
    this.#listens = false;
    const { extensionUri, events } = this.#sources;
    const root = Uri.joinPath(extensionUri, 'dist', 'dashboard');
    panel.iconPath = new ThemeIcon('opencodex-logo');
    panel.webview.options = { enableScripts: true, localResourceRoots: [root] };
    const watches = [
      events.onEvent((event) => {
        // A hidden page is gone; it asks again when it is back.
        if (panel.visible) post(panel, { type: 'event', event });
        if (event.type === 'state' && panel.visible) this.#tellState(panel);
      }),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.#listens = false;
      }),
      panel.webview.onDidReceiveMessage((value: unknown) => void this.#hear(panel, value)),
    ];
    panel.onDidDispose(() => {
      for (const watch of watches) watch.dispose();
      if (this.#panel === panel) this.#panel = undefined;
    });
    panel.webview.html = dashboardPage(panel.webview, root);
  }

  async #hear(panel: WebviewPanel, value: unknown): Promise<void> {
    const { readPageMessage } = await import('./onDemand.ts');
    const message = readPageMessage(value);
    if (message === undefined) return;
    try {
      await this.#take(panel, message);
    } catch (thrown) {
      void window.showErrorMessage(reasonOf(thrown));
    }
  }

  async #take(panel: WebviewPanel, message: PageMessage): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#listens = true;
        this.#tellState(panel);
        this.#show(panel);
        break;
      case 'run': {
        const id: CommandId = `opencodex.${message.command}`;
        void commands.executeCommand(id, message.about);
        break;
      }
      case 'call': {
        const reply = await this.#sources.api(message.call);
        // A panel that was closed meanwhile takes no more messages.
        if (this.#panel === panel) post(panel, { type: 'reply', id: message.id, reply });
        break;
      }
      case 'open':
        if (URL.parse(message.url)?.protocol === 'https:') {
          await env.openExternal(Uri.parse(message.url, true));
        }
        break;
      case 'copy':
        await env.clipboard.writeText(message.text);
        break;
      case 'save':
        await save(message.name, message.text);
        break;
    }
  }

  #tellState(panel: WebviewPanel): void {
    post(panel, { type: 'proxy', state: this.#sources.events.state });
  }

  #show(panel: WebviewPanel): void {
    if (this.#tab !== undefined) post(panel, { type: 'show', tab: this.#tab });
    this.#tab = undefined;
  }
}

function post(panel: WebviewPanel, message: HostMessage): void {
  void panel.webview.postMessage(message);
}

async function save(name: string, text: string): Promise<void> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const uri = await window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder, name) }),
  });
  if (uri !== undefined) await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
}

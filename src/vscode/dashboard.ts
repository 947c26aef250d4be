import { randomBytes } from 'node:crypto';
import {
  commands,
  type Disposable,
  ThemeIcon,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
} from 'vscode';
import type { HostMessage } from '../link/dashboardLink.ts';
import type { CommandId } from './commandIds.ts';
import { dashboardView } from './dashboardView.ts';
import type { WindowModel } from './windowModel.ts';

const viewType = 'opencodex.dashboard';

/** The dashboard's panel: at most one, filled from the window's state. */
export class Dashboard implements Disposable {
  readonly #extensionUri: Uri;
  readonly #model: WindowModel;
  readonly #serializer: Disposable;
  #panel: WebviewPanel | undefined;

  constructor(extensionUri: Uri, model: WindowModel) {
    this.#extensionUri = extensionUri;
    this.#model = model;
    this.#serializer = window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel) => this.#adopt(panel),
    });
  }

  open(): void {
    if (this.#panel === undefined) {
      this.#adopt(window.createWebviewPanel(viewType, 'OpenCodex', ViewColumn.Active));
    } else {
      this.#panel.reveal();
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
    const root = Uri.joinPath(this.#extensionUri, 'dist', 'dashboard');
    panel.iconPath = new ThemeIcon('opencodex-logo');
    panel.webview.options = { enableScripts: true, localResourceRoots: [root] };

    const show = (): void => {
      const message: HostMessage = { type: 'view', view: dashboardView(this.#model.state) };
      void panel.webview.postMessage(message);
    };
    const watches = [
      this.#model.onDidChange(() => {
        // A hidden page is gone; it asks again when it is back.
        if (panel.visible) show();
      }),
      panel.webview.onDidReceiveMessage(async (value: unknown) => {
        const { readPageMessage } = await import('./onDemand.ts');
        const message = readPageMessage(value);
        switch (message?.type) {
          case 'ready':
            show();
            break;
          case 'run': {
            const command: CommandId = `opencodex.${message.command}`;
            void commands.executeCommand(command);
            break;
          }
        }
      }),
    ];
    panel.onDidDispose(() => {
      for (const watch of watches) watch.dispose();
      if (this.#panel === panel) this.#panel = undefined;
    });
    panel.webview.html = page({
      source: panel.webview.cspSource,
      script: panel.webview.asWebviewUri(Uri.joinPath(root, 'main.js')).toString(),
      style: panel.webview.asWebviewUri(Uri.joinPath(root, 'main.css')).toString(),
      nonce: randomBytes(16).toString('base64'),
    });
  }
}

interface PageParts {
  readonly source: string;
  readonly script: string;
  readonly style: string;
  readonly nonce: string;
}

/** Nothing but our own script and stylesheet runs or loads, and nothing is fetched. */
function page({ source, script, style, nonce }: PageParts): string {
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OpenCodex</title>
<link rel="stylesheet" href="${style}">
<script nonce="${nonce}" src="${script}" defer></script>
</head>
<body></body>
</html>
`;
}

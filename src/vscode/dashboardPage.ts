import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { env, l10n, Uri, type Webview } from 'vscode';

/** The page's document. Nothing but our own script and stylesheet runs or loads, and nothing is fetched. */
export function dashboardPage(webview: Webview, root: Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const at = (file: string): string => webview.asWebviewUri(Uri.joinPath(root, file)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${l10n.uri === undefined ? 'en' : env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OpenCodex</title>
<link rel="stylesheet" href="${at('main.css')}">
<script type="application/json" id="texts">${translations()}</script>
<script nonce="${nonce}" src="${at('main.js')}" defer></script>
</head>
<body></body>
</html>
`;
}

/** The texts of the user's language, as JSON that cannot end its element. */
function translations(): string {
  if (l10n.uri === undefined) return '{}';
  try {
    const table: unknown = JSON.parse(readFileSync(l10n.uri.fsPath, 'utf8'));
    return JSON.stringify(table).replaceAll('<', '\\u003c');
  } catch {
    return '{}';
  }
}

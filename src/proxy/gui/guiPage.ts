/** The page's document for a browser. Everything in it is ours; the texts cannot end their element. */
export function guiPage(language: string, texts: string, secret?: string): string {
  const session = secret === undefined ? '' : `<meta name="opencodex-page" content="${secret}">\n`;
  return documentOf(
    language,
    `${session}<link rel="stylesheet" href="/gui/main.css">
<script type="application/json" id="texts">${texts.replaceAll('<', '\\u003c')}</script>
<script src="/gui/main.js" defer></script>`,
    '<body></body>',
  );
}

/** For a browser without a session. */
export function endedPage(): string {
  return documentOf(
    'en',
    '',
    `<body class="browser">
<main>
<h1>OpenCodex</h1>
<p>This browser has no session, or it has ended. Run <code>ocx gui</code> in a terminal of this machine: it opens the dashboard with a link that works once.</p>
</main>
</body>`,
  );
}

function documentOf(language: string, head: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>OpenCodex</title>
<link rel="stylesheet" href="/gui/browser.css">
${head}
</head>
${body}
</html>
`;
}

/** What the browser shows after a login; nothing of the request is ever in it. */
export const callbackPages = {
  received: page(
    'Almost done',
    'You can close this page and go back to OpenCodex, which finishes the login.',
  ),
  declined: page(
    'Not logged in',
    'The login was declined. Go back to OpenCodex to see what to do.',
  ),
  used: page('Already used', 'This login has come back before. Go back to OpenCodex.'),
  foreign: page(
    'Not this login',
    'This page does not belong to the login that OpenCodex waits for.',
  ),
  refused: page('Nothing here', 'This address is only for coming back from a login page.'),
} as const;

function page(title: string, text: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title} · OpenCodex</title><h1>${title}</h1><p>${text}</p></html>`;
}

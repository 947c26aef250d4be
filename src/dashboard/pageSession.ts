/** What `fetch` is given here. */
interface Sent {
  readonly method?: string;
  readonly body?: string;
}

export type AskProxy = (path: string, sent?: Sent) => Promise<Response>;

const memoryKey = 'opencodex.session';

/**
 * Requests in the session of this page. Its cookie goes to every port of this machine, whoever
 * listens there; so the page sends a secret beside it that came with the page, and that a reload
 * finds in the memory of this tab and this port.
 */
export function pageSession(): AskProxy {
  const secret = takeSecret();
  return async (path, sent = {}) => {
    const type = sent.body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(path, { ...sent, headers: { ...type, 'x-opencodex-page': secret } });
    // The session has ended, or is that of another tab: the proxy says what to do.
    if (answer.status === 401) location.replace('/gui/ended');
    return answer;
  };
}

function takeSecret(): string {
  const came = document.querySelector('meta[name="opencodex-page"]')?.getAttribute('content');
  if (came === null || came === undefined) return sessionStorage.getItem(memoryKey) ?? '';
  sessionStorage.setItem(memoryKey, came);
  // The code has been used; without it the page can be loaded again.
  history.replaceState(null, '', location.pathname);
  return came;
}

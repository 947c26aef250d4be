import { type DashboardView, type PageMessage, readHostMessage } from '../link/dashboardLink.ts';

interface EditorApi {
  postMessage(message: PageMessage): void;
}

declare function acquireVsCodeApi(): EditorApi;

// The editor hands this object out once per page.
const editor = acquireVsCodeApi();

/** Sends a message to the extension. */
export function send(message: PageMessage): void {
  editor.postMessage(message);
}

/** Calls back with every view that the extension sends, the first one at once. */
export function onView(listener: (view: DashboardView) => void): () => void {
  const receive = (event: MessageEvent): void => {
    const message = readHostMessage(event.data);
    if (message !== undefined) listener(message.view);
  };
  window.addEventListener('message', receive);
  send({ type: 'ready' });
  return () => window.removeEventListener('message', receive);
}

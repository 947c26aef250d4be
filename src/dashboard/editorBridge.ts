import { type ApiReply, apiCall, apiResult } from '../link/api.ts';
import { type PageMessage, readHostMessage } from '../link/dashboardLink.ts';
import type { Bridge, BridgeEvent, PageMemory } from './bridge.ts';
import { readMemory } from './pageMemory.ts';

interface EditorApi {
  postMessage(message: PageMessage): void;
  getState(): unknown;
  setState(state: PageMemory): void;
}

declare const acquireVsCodeApi: (() => EditorApi) | undefined;

/** Messages to and from the extension; `undefined` where the page is not in an editor. */
export function editorBridge(): Bridge | undefined {
  // The editor hands this object out once per page.
  const editor = typeof acquireVsCodeApi === 'function' ? acquireVsCodeApi() : undefined;
  if (editor === undefined) return undefined;

  const listeners = new Set<(event: BridgeEvent) => void>();
  const waiting = new Map<number, (reply: ApiReply) => void>();
  // The editor keeps answers to a hidden page for the one that comes after it, which must not take
  // them for its own.
  let nextId = Math.floor(Math.random() * 2 ** 48);

  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = readHostMessage(event.data);
    switch (message?.type) {
      case 'reply':
        waiting.get(message.id)?.(message.reply);
        waiting.delete(message.id);
        break;
      case 'event':
        for (const listener of listeners) listener(message.event);
        break;
      case 'proxy':
      case 'show':
        for (const listener of listeners) listener(message);
        break;
      case undefined:
        break;
    }
  });

  return {
    kind: 'editor',
    call: async (name, input) => {
      const id = nextId++;
      const { promise, resolve } = Promise.withResolvers<ApiReply>();
      waiting.set(id, resolve);
      editor.postMessage({ type: 'call', id, call: apiCall(name, input) });
      return apiResult(name, await promise);
    },
    onEvent: (listener) => {
      listeners.add(listener);
      if (listeners.size === 1) editor.postMessage({ type: 'ready' });
      return () => listeners.delete(listener);
    },
    run: (command, about) => editor.postMessage({ type: 'run', command, about }),
    open: (url) => editor.postMessage({ type: 'open', url }),
    copy: (text) => editor.postMessage({ type: 'copy', text }),
    save: (name, text) => editor.postMessage({ type: 'save', name, text }),
    recall: () => readMemory(editor.getState()),
    remember: (memory) => editor.setState(memory),
  };
}

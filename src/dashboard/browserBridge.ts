import { apiEvent } from '../link/api/proxyApi.ts';
import { type ApiCall, type ApiReply, apiCall, apiResult } from '../link/api.ts';
import type { Bridge, BridgeEvent } from './bridge.ts';
import { readMemory } from './pageMemory.ts';
import { type AskProxy, pageSession } from './pageSession.ts';

const memoryKey = 'opencodex.dashboard';
const longestPauseMs = 5_000;

/** Requests to the proxy that served the page. */
export function browserBridge(): Bridge {
  const askProxy = pageSession();
  const listeners = new Set<(event: BridgeEvent) => void>();
  const tell = (event: BridgeEvent): void => {
    for (const listener of listeners) listener(event);
  };
  let following = false;
  return {
    kind: 'browser',
    call: async (name, input) => apiResult(name, await ask(askProxy, apiCall(name, input))),
    onEvent: (listener) => {
      listeners.add(listener);
      if (!following) {
        following = true;
        void follow(askProxy, tell);
      }
      return () => listeners.delete(listener);
    },
    run: () => {},
    open: (url) => void window.open(url, '_blank', 'noopener,noreferrer'),
    copy: (text) => void navigator.clipboard.writeText(text),
    save: (name, text) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text]));
      link.download = name;
      link.click();
      URL.revokeObjectURL(link.href);
    },
    recall: () => {
      try {
        return readMemory(JSON.parse(sessionStorage.getItem(memoryKey) ?? '{}'));
      } catch {
        return {};
      }
    },
    remember: (memory) => sessionStorage.setItem(memoryKey, JSON.stringify(memory)),
  };
}

async function ask(askProxy: AskProxy, { method, path, body }: ApiCall): Promise<ApiReply> {
  try {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await askProxy(path, { method, ...text });
    return { status: answer.status, body: await answer.json() };
  } catch {
    const message = 'The proxy does not answer. Is it still running?';
    return { status: 503, body: { error: { message } } };
  }
}

/** Hears what changes, for as long as the page is open. */
async function follow(askProxy: AskProxy, tell: (event: BridgeEvent) => void): Promise<never> {
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      const answer = await askProxy('/api/events');
      if (answer.ok && answer.body !== null) {
        tell({ type: 'reconnected' });
        pauseMs = 250;
        await readLines(answer.body, tell);
      }
    } catch {
      // It went away; the next try says whether it is back.
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  tell: (event: BridgeEvent) => void,
): Promise<void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = apiEvent.safeParse(parsed(line)).data;
      if (event !== undefined) tell(event);
    }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

import type { Serving, Setup } from '../codex/checkSetup.ts';
import type { CodexFolders } from '../codex/connect.ts';
import { currentModelId } from '../codex/providerTable.ts';
import type { RoundTrip } from '../codex/roundTrip.ts';
import type { Environment } from '../config/home.ts';
import { localToken } from '../credentials/token.ts';
import type { ApiReply } from '../link/api.ts';
import { isJsonObject } from '../turn/json.ts';
import { connectPeer } from './peer.ts';

export interface SetupOptions extends CodexFolders {
  readonly env: Environment;
  readonly port: number;
  readonly mayAsk: boolean;
}

/** What the checks of the setup look at, on this machine. */
export function setupHere(options: SetupOptions): Setup {
  const { home, port } = options;
  return {
    ...options,
    serving: () => servingAt(home, port),
    ask: () => roundTrip(home, port),
  };
}

/** Who serves a port; the token is shown to an OpenCodex of this user alone. */
export async function servingAt(home: string, port: number): Promise<Serving> {
  const found = await connectPeer(port, await localToken(home));
  if (found.kind !== 'ours') return found;
  try {
    const { body } = await found.peer.call({ method: 'GET', path: '/v1/models' });
    const data = isJsonObject(body) ? body['data'] : undefined;
    const models = Array.isArray(data) ? data.length : 0;
    return { kind: 'ours', version: found.version, models };
  } finally {
    found.peer.close();
  }
}

/** Asks the current model for a word through whoever serves the port. */
export async function roundTrip(home: string, port: number): Promise<RoundTrip> {
  const found = await connectPeer(port, await localToken(home));
  if (found.kind !== 'ours') return { ok: false, message: 'the proxy does not run.' };
  try {
    const input = 'Answer with the one word OK.';
    const body = { model: currentModelId, input, stream: false };
    return answerIn(await found.peer.call({ method: 'POST', path: '/v1/responses', body }));
  } finally {
    found.peer.close();
  }
}

function answerIn({ status, body }: ApiReply): RoundTrip {
  const fields = isJsonObject(body) ? body : {};
  const { error, output } = fields;
  if (isJsonObject(error)) return { ok: false, message: String(error['message']) };
  if (status !== 200) return { ok: false, message: `the proxy answers ${status}.` };
  const texts = (Array.isArray(output) ? output : []).flatMap((item: unknown) => {
    const content = isJsonObject(item) ? item['content'] : undefined;
    return Array.isArray(content) ? content : [];
  });
  const text = texts.map((part: unknown) => (isJsonObject(part) ? part['text'] : '')).join('');
  return { ok: true, answer: text };
}

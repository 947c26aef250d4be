import { parentPort, workerData } from 'node:worker_threads';
import { ChannelServer } from '../../src/link/channel.ts';
import type { ProxyNotes, ProxyRequests } from '../../src/link/proxyLink.ts';
import { proxyProtocol } from '../../src/link/proxyProtocol.ts';
import type { ProviderSummary } from '../../src/link/state.ts';

// A thread that plays the proxy towards the host. What it does is said in `home`.
const part = String(workerData.home);
if (part === 'cannot start') throw new Error('nothing works today\nat some line of code');
if (parentPort === null) throw new Error('this is a thread');

const keys = new Map<string, string>();
const channel = new ChannelServer<ProxyRequests, ProxyNotes>(parentPort, proxyProtocol, {
  stop: () => (part === 'does not stop' ? new Promise(() => {}) : null),
  api: () => {
    if (part === 'dies once it is asked') process.exit(1);
    return { status: 404, body: null };
  },
  chat: ({ id, turn }) => {
    channel.note('chatEvents', { id, events: [{ type: 'text.delta', text: turn.model }] });
    return { ok: true, usage: undefined };
  },
  endChat: () => null,
  editorModels: () => null,
  serving: ({ port }) => ({ kind: 'ours', version: `at ${port}`, models: keys.size }),
  roundTrip: () => ({ ok: true, answer: 'OK' }),
  snapshot: () => {
    if (part === 'dies once it is asked') process.exit(1);
    return {
      state: { status: 'listening', port: 4711 },
      activity: { active: 0, lastModel: undefined, served: 0 },
      defaultProvider: 'fake',
      currentModel: undefined,
      providers: [...keys].map(summary),
      configError: undefined,
      requests: [],
    };
  },
  vault: (changed) => {
    for (const [id, key] of Object.entries(changed)) {
      if (key === null) keys.delete(id);
      else keys.set(id, key);
    }
    return null;
  },
});
channel.note('state', { status: 'listening', port: 4711 });

function summary([id, key]: [string, string]): ProviderSummary {
  return { id, label: key, adapter: 'fake', authMode: 'key', models: [] };
}

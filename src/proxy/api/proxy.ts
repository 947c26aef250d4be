import { connectionState } from '../../codex/connect.ts';
import { connectOptions } from '../../codex/connectOptions.ts';
import { codexHome } from '../../codex/home.ts';
import { configPath } from '../../config/home.ts';
import { proxyApi } from '../../link/api/proxyApi.ts';
import type { RequestSummary } from '../../link/state.ts';
import { isNewer } from '../../link/version.ts';
import { answer, done, type Route, refuse, route } from './route.ts';
import type { ApiServices } from './services.ts';

const dayMs = 24 * 60 * 60 * 1000;

export function proxyRoutes(services: ApiServices): readonly Route[] {
  const { build, config, windows, vault } = services;
  return [
    route('GET /api/state', proxyApi['GET /api/state'], async () => {
      const { requests, ...log } = lately(services.requestLog.list());
      return answer({
        ...build,
        ...log,
        pid: process.pid,
        startedAt: services.startedAt,
        state: services.state(),
        activity: services.activity(),
        configPath: configPath(services.home),
        configError: config.error?.message,
        defaultProvider: config.current.defaultProvider,
        currentModel: config.current.currentModel,
        windows: windows.size,
        last24Hours: requests,
        codex: await codexConnection(services),
      });
    }),
    route('GET /api/health', proxyApi['GET /api/health'], () =>
      answer({
        product: 'opencodex',
        ...build,
        pid: process.pid,
        state: services.state(),
        activity: services.activity(),
        configError: config.error?.message,
      }),
    ),
    route('POST /api/stop', proxyApi['POST /api/stop'], () => {
      services.stop();
      return answer({ stopping: true as const });
    }),
    route('POST /api/yield', proxyApi['POST /api/yield'], (other) => {
      if (services.state().status !== 'listening') {
        return answer({ yielding: false, reason: 'It does not serve the port.' });
      }
      if (!isNewer(other, build)) {
        return answer({ yielding: false, reason: `It is not older: ${build.version}.` });
      }
      services.yieldPort();
      return answer({ yielding: true });
    }),
    route('POST /api/vault', proxyApi['POST /api/vault'], ({ window, keys }) => {
      if (!windows.has(window)) return refuse(409, 'This window is not attached.');
      vault.hold(window, keys);
      for (const provider of Object.keys(keys)) services.models.credentialChanged(provider);
      return done;
    }),
    route('POST /api/kept-keys/:id', proxyApi['POST /api/kept-keys/:id'], ({ id, kept }) =>
      services.keyKeeper.answer(id, kept) ? done : refuse(404, 'Nobody waits for this any more.'),
    ),
  ];
}

function lately(all: readonly RequestSummary[]) {
  const since = Date.now() - dayMs;
  const recent = all.filter(({ startedAt }) => startedAt >= since);
  const failed = recent.filter(({ status }) => status === 'failed');
  const first = recent.flatMap(({ firstTokenMs }) => firstTokenMs ?? []).sort((a, b) => a - b);
  const last = failed[0];
  const sum = (field: 'inputTokens' | 'cachedTokens' | 'outputTokens'): number =>
    recent.reduce((total, request) => total + request[field], 0);
  return {
    requests: {
      requests: recent.length,
      failures: failed.length,
      inputTokens: sum('inputTokens'),
      cachedTokens: sum('cachedTokens'),
      outputTokens: sum('outputTokens'),
      medianFirstTokenMs: first[Math.floor(first.length / 2)],
    },
    lastFailure: last && { at: last.startedAt, model: last.model, message: last.error ?? '' },
  };
}

async function codexConnection(services: ApiServices) {
  const home = codexHome(services.env);
  const state = services.state();
  const port =
    state.status === 'listening' || state.status === 'elsewhere' ? state.port : undefined;
  const options = await connectOptions(
    { home: services.home, codexHome: home },
    port ?? 0,
    services.env,
  );
  const connection = await connectionState(options);
  switch (connection.kind) {
    case 'connected': {
      // Without a port there is nothing to compare it with.
      const upToDate = connection.upToDate || port === undefined;
      return { kind: upToDate ? ('connected' as const) : ('outdated' as const), home };
    }
    case 'dormant':
    case 'disconnected':
      return { kind: connection.kind, home };
    case 'unreadable':
      return { kind: connection.kind, home, message: connection.message };
  }
}

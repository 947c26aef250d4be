import type { DashboardView } from '../link/dashboardLink.ts';
import { baseUrl, servingPort, type WindowState } from './windowState.ts';

/** What the dashboard shows for a state. */
export function dashboardView(state: WindowState): DashboardView {
  const { proxy, activity, snapshot, codex } = state;
  const port = servingPort(proxy);
  return {
    status: proxy.status,
    failure: proxy.status === 'failed' ? proxy.failure.message : undefined,
    address: port === undefined ? undefined : baseUrl(port),
    codex,
    active: activity.active,
    served: activity.served,
    currentModel: snapshot?.currentModel,
    defaultProvider: snapshot?.defaultProvider,
    configError: snapshot?.configError,
    providers: snapshot?.providers ?? [],
    requests: snapshot?.requests ?? [],
  };
}

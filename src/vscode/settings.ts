import { type ConfigurationChangeEvent, workspace } from 'vscode';
import type { NetworkOptions } from '../proxy/network.ts';

export type StatusBarVisibility = 'always' | 'whenConnected' | 'never';

export function autoStart(): boolean {
  return workspace.getConfiguration('opencodex').get('autoStart', true);
}

export function statusBarVisibility(): StatusBarVisibility {
  return workspace
    .getConfiguration('opencodex')
    .get<StatusBarVisibility>('statusBar.visibility', 'always');
}

/** Whether VS Code's chat is offered our models. */
export function chatEnabled(): boolean {
  return workspace.getConfiguration('opencodex').get('chat.enabled', true);
}

/** Whether Codex may use VS Code's models: the user has read what that costs. */
export function editorModelsAllowed(): boolean {
  return workspace.getConfiguration('opencodex').get('editorModels.enabled', false);
}

/** Whether terminals get `ocx`. */
export function terminalCommandWanted(): boolean {
  return workspace.getConfiguration('opencodex').get('terminal.ocx', false);
}

/** The editor's `http.*` settings; the proxy's thread does not get them by itself. */
export function editorNetwork(): NetworkOptions {
  const http = workspace.getConfiguration('http');
  // As the user has written them: the editor checks no types.
  const proxy: unknown = http.get('proxySupport') === 'off' ? '' : http.get('proxy');
  const noProxy: unknown = http.get('noProxy');
  return {
    ...(typeof proxy === 'string' && proxy.trim() !== '' && { proxy: proxy.trim() }),
    ...(Array.isArray(noProxy) && noProxy.length > 0 && { noProxy: noProxy.join(',') }),
  };
}

export function statusBarChanged(change: ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration('opencodex.statusBar');
}

export function networkChanged(change: ConfigurationChangeEvent): boolean {
  return ['http.proxy', 'http.noProxy', 'http.proxySupport'].some((name) =>
    change.affectsConfiguration(name),
  );
}

import { l10n } from 'vscode';
import type { ProviderSummary, StartFailure } from '../link/state.ts';
import type { CommandId } from './commandIds.ts';
import { baseUrl, isConnected, servingPort, shortModel, type WindowState } from './windowState.ts';

/** The status bar item as plain data; `statusBar.ts` only copies it to the editor. */
export interface StatusItem {
  readonly text: string;
  readonly tone: 'normal' | 'warning' | 'error';
  readonly tooltip: readonly TooltipLine[];
  readonly command: CommandId;
  /** The provider that the command is run for. */
  readonly about?: string;
  /** Read aloud instead of the text with its icons. */
  readonly label: string;
}

export type TooltipLine =
  | { readonly kind: 'title' | 'text' | 'address'; readonly text: string }
  | { readonly kind: 'links'; readonly links: readonly TooltipLink[] };

export interface TooltipLink {
  readonly title: string;
  readonly command: CommandId;
  /** The provider that the command is run for. */
  readonly about?: string;
}

const logo = '$(opencodex-logo)';
const longestText = 28;

const dashboard: TooltipLink = { title: l10n.t('Dashboard'), command: 'opencodex.openDashboard' };
const showLog: TooltipLink = { title: l10n.t('Show Log'), command: 'opencodex.showLog' };
const switchModel: TooltipLink = {
  title: l10n.t('Switch Model'),
  command: 'opencodex.switchModel',
};
const connect: TooltipLink = { title: l10n.t('Connect Codex'), command: 'opencodex.connectCodex' };
const update: TooltipLink = {
  title: l10n.t('Update Connection'),
  command: 'opencodex.connectCodex',
};
const openConfig: TooltipLink = {
  title: l10n.t('Open Config File'),
  command: 'opencodex.openConfig',
};
const restart: TooltipLink = { title: l10n.t('Restart'), command: 'opencodex.restartProxy' };
const changePort: TooltipLink = { title: l10n.t('Change Port'), command: 'opencodex.changePort' };
const addProvider: TooltipLink = {
  title: l10n.t('Add Provider'),
  command: 'opencodex.addProvider',
};
const setKey: TooltipLink = {
  title: l10n.t('Set Provider Key'),
  command: 'opencodex.setProviderKey',
};
const start: TooltipLink = { title: l10n.t('Start Proxy'), command: 'opencodex.startProxy' };

/** What the status bar shows for a state. */
export function renderStatus(state: WindowState): StatusItem {
  const { proxy } = state;
  switch (proxy.status) {
    case 'stopped':
      return {
        text: `${logo} ${l10n.t('Stopped')}`,
        tone: 'normal',
        tooltip: [
          title(l10n.t('The proxy is stopped')),
          ...(isConnected(state.codex)
            ? [text(l10n.t('Codex gets no answer until it runs again.'))]
            : []),
          links(start, dashboard, showLog),
        ],
        command: 'opencodex.startProxy',
        label: l10n.t('OpenCodex: the proxy is stopped. Start it.'),
      };
    case 'starting':
      return {
        text: '$(loading~spin) OpenCodex',
        tone: 'normal',
        tooltip: [title(l10n.t('The proxy is starting')), links(showLog)],
        command: 'opencodex.showLog',
        label: l10n.t('OpenCodex: the proxy is starting'),
      };
    case 'failed':
      return renderFailure(proxy.failure);
    case 'listening':
    case 'elsewhere':
      return renderServing(state);
  }
}

/** Whether the user wants to see the item in this state. */
export function isStatusShown(
  visibility: 'always' | 'whenConnected' | 'never',
  state: WindowState,
): boolean {
  if (visibility !== 'whenConnected') return visibility === 'always';
  return state.codex === 'connected' || renderStatus(state).tone !== 'normal';
}

/** The commands that lead out of a failed start, the best one first. */
export function waysOut(failure: StartFailure): readonly TooltipLink[] {
  switch (failure.kind) {
    case 'port_in_use':
      return [changePort, restart, showLog];
    case 'config':
      return [openConfig, restart, showLog];
    case 'home':
    case 'internal':
      return [restart, showLog];
  }
}

function renderFailure(failure: StartFailure): StatusItem {
  const ways = waysOut(failure);
  return {
    text: '$(error) OpenCodex',
    tone: 'error',
    tooltip: [title(l10n.t('The proxy does not run')), text(failure.message), links(...ways)],
    command: ways[0]?.command ?? 'opencodex.showLog',
    label: `OpenCodex: ${failure.message}`,
  };
}

function renderServing(state: WindowState): StatusItem {
  const { activity, snapshot, codex } = state;
  if (snapshot?.configError !== undefined) {
    return {
      text: '$(warning) OpenCodex',
      tone: 'warning',
      tooltip: [
        title(l10n.t('The config file has an error')),
        text(snapshot.configError),
        text(l10n.t('The last good config stays in force.')),
        links(openConfig, showLog),
      ],
      command: 'opencodex.openConfig',
      label: l10n.t('OpenCodex: the config file has an error. {0}', snapshot.configError),
    };
  }
  if (codex === 'outdated') {
    return {
      text: '$(warning) OpenCodex',
      tone: 'warning',
      tooltip: [
        title(l10n.t('The connection of Codex is out of date')),
        text(l10n.t('Its config names another port or access token, so it gets no answer.')),
        links(update, dashboard, showLog),
      ],
      command: 'opencodex.connectCodex',
      label: l10n.t('OpenCodex: the connection of Codex is out of date. Update it.'),
    };
  }
  if (snapshot?.providers.length === 0) {
    return {
      text: `${logo} ${l10n.t('Add Provider')}`,
      tone: 'normal',
      tooltip: [
        title(l10n.t('No provider is set up')),
        text(l10n.t('Codex needs one to answer.')),
        links(addProvider, dashboard),
      ],
      command: 'opencodex.addProvider',
      label: l10n.t('OpenCodex: no provider is set up. Add one.'),
    };
  }
  const keyless = keylessProvider(state);
  if (keyless !== undefined) {
    const { id, label } = keyless;
    return {
      text: `$(key) ${cut(label)}`,
      tone: 'warning',
      tooltip: [
        title(l10n.t('The key of {0} is missing', label)),
        text(l10n.t('The secret store of the editor does not have it any more.')),
        links({ ...setKey, about: id }, switchModel, dashboard),
      ],
      command: 'opencodex.setProviderKey',
      about: id,
      label: l10n.t('OpenCodex: the key of {0} is missing. Enter it again.', label),
    };
  }
  const busy = activity.active > 0;
  const model = (busy ? activity.lastModel : undefined) ?? snapshot?.currentModel;
  const name = model === undefined ? 'OpenCodex' : cut(shortModel(model));
  const running =
    activity.active === 1
      ? l10n.t('1 turn is running')
      : l10n.t('{0} turns are running', activity.active);
  return {
    text: `${busy ? '$(loading~spin)' : logo} ${name}`,
    tone: 'normal',
    tooltip: [
      title(model ?? 'OpenCodex'),
      ...serving(state),
      ...(busy ? [text(running)] : []),
      ...(codex === 'disconnected' ? [text(l10n.t('Codex is not connected'))] : []),
      links(...(codex === 'disconnected' ? [connect] : []), switchModel, dashboard, showLog),
    ],
    command: 'opencodex.switchModel',
    label: l10n.t(
      'OpenCodex: {0}. Switch model.',
      [
        model ?? l10n.t('running'),
        ...(busy ? [running] : []),
        ...(codex === 'disconnected' ? [l10n.t('Codex is not connected')] : []),
      ].join(', '),
    ),
  };
}

/**
 * The current model's provider where its key is lost. A window that does not serve knows its own keys
 * only, so it cannot tell.
 */
function keylessProvider({ proxy, snapshot }: WindowState): ProviderSummary | undefined {
  if (proxy.status !== 'listening' || snapshot === undefined) return undefined;
  const { currentModel = '', defaultProvider, providers } = snapshot;
  const named = providers.find(({ id }) => currentModel.startsWith(`${id}/`));
  const current = named ?? providers.find(({ id }) => id === defaultProvider);
  return current?.keyMissing === true ? current : undefined;
}

function serving({ proxy }: WindowState): readonly TooltipLine[] {
  const port = servingPort(proxy);
  if (port === undefined) return [];
  return [
    { kind: 'address', text: baseUrl(port) },
    ...(proxy.status === 'elsewhere' ? [text(l10n.t('Served by another window or by ocx'))] : []),
  ];
}

function cut(name: string): string {
  return name.length > longestText ? `${name.slice(0, longestText - 1)}…` : name;
}

function title(value: string): TooltipLine {
  return { kind: 'title', text: value };
}

function text(value: string): TooltipLine {
  return { kind: 'text', text: value };
}

function links(...values: readonly TooltipLink[]): TooltipLine {
  return { kind: 'links', links: values };
}

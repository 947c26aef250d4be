import { commands, type Disposable, l10n, window } from 'vscode';
import { reasonOf } from '../language/reason.ts';
import { type CommandId, commandIds } from './commandIds.ts';
import type { Parts } from './parts.ts';
import { isConnected, isRunning, type WindowState } from './windowState.ts';

/** The manifest's `enablement` says the same for the palette; links and keys get here without it. */
export type Need = 'running' | 'stopped' | 'connected' | 'disconnected';

interface Command {
  readonly needs?: Need;
  /** `about`: a provider or a model, where the command is run for one. */
  run(parts: Parts, about: string | undefined): void | Promise<void>;
}

/** The extension's id and the walkthrough's in the manifest. */
const walkthrough = 'opencodex.opencodex#getStarted';

const onDemand = () => import('./onDemand.ts');

export const commandTable: Readonly<Record<CommandId, Command>> = {
  'opencodex.openDashboard': { run: ({ dashboard }) => dashboard.open() },
  'opencodex.switchModel': {
    run: async (parts) => (await onDemand()).switchModel(parts),
  },
  'opencodex.addProvider': {
    needs: 'running',
    run: async (parts, about) => (await onDemand()).addProvider(parts, about),
  },
  'opencodex.setProviderKey': {
    run: async (parts, about) => (await onDemand()).setProviderKey(parts, about),
  },
  'opencodex.removeProvider': {
    needs: 'running',
    run: async (parts, about) => (await onDemand()).removeProvider(parts, about),
  },
  'opencodex.signIn': {
    needs: 'running',
    run: async (parts, about) => (await onDemand()).signIn(parts, about),
  },
  'opencodex.signOut': {
    needs: 'running',
    run: async (parts, about) => (await onDemand()).signOut(parts, about),
  },
  'opencodex.refreshModels': {
    needs: 'running',
    run: async (parts) => (await onDemand()).refreshModels(parts),
  },
  'opencodex.allowEditorModels': {
    run: async () => (await onDemand()).allowEditorModels(),
  },
  'opencodex.connectCodex': {
    needs: 'disconnected',
    run: async (parts) => (await onDemand()).connectCodex(parts),
  },
  'opencodex.disconnectCodex': {
    needs: 'connected',
    run: async (parts) => (await onDemand()).disconnectCodex(parts),
  },
  'opencodex.startProxy': { needs: 'stopped', run: ({ proxy }) => proxy.start() },
  'opencodex.stopProxy': { needs: 'running', run: ({ proxy }) => proxy.stop() },
  'opencodex.restartProxy': { run: ({ proxy }) => proxy.start() },
  'opencodex.changePort': {
    run: async (parts) => (await onDemand()).changePort(parts),
  },
  'opencodex.copyConnection': {
    needs: 'running',
    run: async (parts) => (await onDemand()).copyConnection(parts),
  },
  'opencodex.checkSetup': {
    run: async (parts) => (await onDemand()).checkSetup(parts),
  },
  'opencodex.clearRequests': {
    needs: 'running',
    run: async ({ ask }) => void (await ask('DELETE /api/requests', {})),
  },
  'opencodex.getStarted': {
    run: () => void commands.executeCommand('workbench.action.openWalkthrough', walkthrough, false),
  },
  'opencodex.openConfig': {
    run: async (parts) => (await onDemand()).openConfig(parts),
  },
  'opencodex.showLog': { run: ({ log }) => log.show(true) },
};

/** Registers every command; a command that fails says so once. */
export function registerCommands(parts: Parts): readonly Disposable[] {
  return commandIds.map((id) => {
    const command = commandTable[id];
    return commands.registerCommand(id, async (about: unknown) => {
      const obstacle = missing(command.needs, parts.model.state);
      if (obstacle !== undefined) {
        void window.showInformationMessage(obstacle);
        return;
      }
      try {
        await command.run(parts, typeof about === 'string' ? about : undefined);
      } catch (thrown) {
        void reportFailure(parts.log, thrown);
      }
    });
  });
}

/** The sentence that says why a command cannot run now. */
function missing(need: Need | undefined, state: WindowState): string | undefined {
  switch (need) {
    case undefined:
      return undefined;
    case 'running':
      return isRunning(state.proxy)
        ? undefined
        : l10n.t('The proxy is not running. Start it first.');
    case 'stopped':
      return isRunning(state.proxy) ? l10n.t('The proxy is running already.') : undefined;
    case 'connected':
      return isConnected(state.codex) ? undefined : l10n.t('Codex is not connected to OpenCodex.');
    case 'disconnected':
      return state.codex === 'connected' ? l10n.t('Codex is connected already.') : undefined;
  }
}

async function reportFailure(log: Parts['log'], thrown: unknown): Promise<void> {
  const message = reasonOf(thrown);
  log.error(message);
  const show = l10n.t('Show Log');
  const answer = await window.showErrorMessage(message, show);
  if (answer === show) log.show(true);
}

import { type ExtensionContext, window, workspace } from 'vscode';
import { codexAuthPath, codexConfigPath, codexHome } from './codex/home.ts';
import { opencodexHome } from './config/home.ts';
import { FileWatch } from './files/watch.ts';
import { registerCommands } from './vscode/commands.ts';
import { ContextKeys } from './vscode/contextKeys.ts';
import { Dashboard } from './vscode/dashboard.ts';
import { FailureNotice } from './vscode/failureNotice.ts';
import { KeyVault } from './vscode/keyVault.ts';
import { LanguageModels } from './vscode/languageModels.ts';
import type { Ask } from './vscode/management.ts';
import { ProxyThread } from './vscode/proxyThread.ts';
import { autoStart, editorNetwork, networkChanged } from './vscode/settings.ts';
import { StatusBar } from './vscode/statusBar.ts';
import { TerminalCommand } from './vscode/terminalCommand.ts';
import { WindowEvents } from './vscode/windowEvents.ts';
import { WindowModel } from './vscode/windowModel.ts';
import { servingPort } from './vscode/windowState.ts';

let close: (() => Promise<void>) | undefined;

/** Builds the parts in order and wires them; nothing heavy is loaded here. */
export function activate(context: ExtensionContext): void {
  const home = opencodexHome(process.env);
  const codexFolder = codexHome(process.env);
  const { version } = context.extension.packageJSON;

  const log = window.createOutputChannel('OpenCodex', { log: true });
  const vault = new KeyVault(context.secrets);
  const events = new WindowEvents();
  const model: WindowModel = new WindowModel({
    snapshot: () => proxy.snapshot(),
    codex: async (port) =>
      (await import('./vscode/onDemand.ts')).codexLink({ home, codexFolder }, port),
  });
  const proxy = new ProxyThread({
    script: context.asAbsolutePath('dist/worker.cjs'),
    data: () => ({ role: 'proxy', home, version, network: editorNetwork() }),
    keys: () => vault.all(),
    keepKey: (provider, key) => vault.store(provider, key),
    onState: (state) => {
      model.setProxy(state);
      events.tell({ type: 'state', state });
    },
    onActivity: (activity) => {
      model.setActivity(activity);
      events.tell({ type: 'activity', activity });
    },
    onChange: (what) => {
      model.refreshSoon();
      events.tell({ type: 'changed', what });
    },
    onEditorTurn: (note) => void languageModels.turn(note),
    onLog: ({ level, text }) => log[level](text),
  });
  close = async () => {
    const port = servingPort(model.state.proxy);
    await proxy.stop();
    if (port === undefined) return;
    await (await import('./vscode/onDemand.ts')).leaveCodex({ home, codexFolder }, port);
  };
  const ask: Ask = async (name, input) =>
    (await import('./vscode/onDemand.ts')).management((call) => proxy.api(call))(name, input);
  const languageModels: LanguageModels = new LanguageModels({
    events,
    ask,
    chat: (...turn) => proxy.chat(...turn),
    offer: (models) => proxy.offerModels(models),
  });
  const dashboard = new Dashboard({
    extensionUri: context.extensionUri,
    events,
    api: (call) => proxy.api(call),
  });

  context.subscriptions.push(log, vault, events, model, dashboard, languageModels);
  context.subscriptions.push(
    new StatusBar(model),
    new ContextKeys(model),
    new FailureNotice(model),
    new TerminalCommand(context),
  );
  context.subscriptions.push(
    vault.onDidChange((keys) => proxy.setKeys(keys)),
    workspace.onDidChangeConfiguration((change) => {
      if (networkChanged(change) && proxy.isStarted) void proxy.start();
    }),
    new FileWatch(codexConfigPath(codexFolder), () => void model.refreshCodex()),
    new FileWatch(codexAuthPath(codexFolder), () => void model.refreshCodex()),
    ...registerCommands({
      home,
      codexFolder,
      log,
      proxy,
      model,
      vault,
      dashboard,
      ask,
    }),
  );
  setImmediate(() => void model.refreshCodex());
  if (autoStart()) void proxy.start();
}

export async function deactivate(): Promise<void> {
  await close?.();
}

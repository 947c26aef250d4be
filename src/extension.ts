import { type ExtensionContext, window, workspace } from 'vscode';
import { codexConfigPath, codexHome } from './codex/home.ts';
import { opencodexHome } from './config/home.ts';
import { FileWatch } from './files/watch.ts';
import { registerCommands } from './vscode/commands.ts';
import { ContextKeys } from './vscode/contextKeys.ts';
import { Dashboard } from './vscode/dashboard.ts';
import { FailureNotice } from './vscode/failureNotice.ts';
import { KeyVault } from './vscode/keyVault.ts';
import { ProxyThread } from './vscode/proxyThread.ts';
import { autoStart, editorNetwork, networkChanged } from './vscode/settings.ts';
import { StatusBar } from './vscode/statusBar.ts';
import { WindowModel } from './vscode/windowModel.ts';

let running: ProxyThread | undefined;

/** Builds the parts in order and wires them; nothing heavy is loaded here. */
export function activate(context: ExtensionContext): void {
  const home = opencodexHome(process.env);
  const codexFolder = codexHome(process.env);
  const { version } = context.extension.packageJSON;

  const log = window.createOutputChannel('OpenCodex', { log: true });
  const vault = new KeyVault(context.secrets);
  const model: WindowModel = new WindowModel({
    snapshot: () => proxy.snapshot(),
    codex: async (port) =>
      (await import('./vscode/onDemand.ts')).codexLink({ home, codexFolder }, port),
  });
  const proxy = new ProxyThread({
    script: context.asAbsolutePath('dist/worker.cjs'),
    data: () => ({ role: 'proxy', home, version, network: editorNetwork() }),
    keys: () => vault.all(),
    onState: (state) => model.setProxy(state),
    onActivity: (activity) => model.setActivity(activity),
    onChange: () => model.refreshSoon(),
    onLog: ({ level, text }) => log[level](text),
  });
  running = proxy;
  const dashboard = new Dashboard(context.extensionUri, model);

  context.subscriptions.push(log, vault, model, dashboard);
  context.subscriptions.push(
    new StatusBar(model),
    new ContextKeys(model),
    new FailureNotice(model),
  );
  context.subscriptions.push(
    vault.onDidChange((keys) => proxy.setKeys(keys)),
    workspace.onDidChangeConfiguration((change) => {
      if (networkChanged(change) && proxy.isStarted) void proxy.start();
    }),
    new FileWatch(codexConfigPath(codexFolder), () => void model.refreshCodex()),
    ...registerCommands({ home, codexFolder, log, proxy, model, vault, dashboard }),
  );
  setImmediate(() => void model.refreshCodex());
  if (autoStart()) void proxy.start();
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}

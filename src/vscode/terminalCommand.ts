import { join } from 'node:path';
import { type Disposable, type ExtensionContext, l10n, window, workspace } from 'vscode';
import { reasonOf } from '../language/reason.ts';
import { terminalCommandWanted } from './settings.ts';

/** Puts `ocx` on the PATH of the editor's terminals, as long as the setting says so. */
export class TerminalCommand implements Disposable {
  readonly #context: Context;
  readonly #listening: Disposable;

  constructor(context: Context) {
    this.#context = context;
    this.#listening = workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('opencodex.terminal')) this.#follow();
    });
    this.#follow();
  }

  dispose(): void {
    this.#listening.dispose();
  }

  #follow(): void {
    this.#put().catch((thrown: unknown) => {
      const reason = reasonOf(thrown);
      const text = l10n.t('The command ocx could not be put into the terminals: {0}', reason);
      void window.showWarningMessage(text);
    });
  }

  async #put(): Promise<void> {
    const variables = this.#context.environmentVariableCollection;
    // Kept ones would ask for terminals to be opened anew at every start.
    variables.persistent = false;
    if (!terminalCommandWanted()) {
      variables.clear();
      return;
    }
    const folder = join(this.#context.globalStorageUri.fsPath, 'bin');
    const { writeLaunchers } = await import('./onDemand.ts');
    const node = process.execPath;
    await writeLaunchers(folder, node, this.#context.asAbsolutePath('dist/ocx.cjs'));
    if (!terminalCommandWanted()) return;
    variables.description = l10n.t('Adds the command ocx of OpenCodex.');
    const separator = process.platform === 'win32' ? ';' : ':';
    variables.prepend('PATH', folder + separator);
  }
}

interface Context extends Pick<ExtensionContext, 'asAbsolutePath'> {
  readonly globalStorageUri: Pick<ExtensionContext['globalStorageUri'], 'fsPath'>;
  readonly environmentVariableCollection: Pick<
    ExtensionContext['environmentVariableCollection'],
    'persistent' | 'description' | 'clear' | 'prepend'
  >;
}

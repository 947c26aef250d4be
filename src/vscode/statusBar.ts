import {
  type Disposable,
  MarkdownString,
  StatusBarAlignment,
  type StatusBarItem,
  ThemeColor,
  window,
  workspace,
} from 'vscode';
import { statusBarChanged, statusBarVisibility } from './settings.ts';
import {
  isStatusShown,
  renderStatus,
  type StatusItem,
  type TooltipLine,
  type TooltipLink,
} from './statusItem.ts';
import type { WindowModel } from './windowModel.ts';
import type { WindowState } from './windowState.ts';

/** Behind the branch and the problems, which are used more often. */
const priority = -10;

/** The one item of the extension in the status bar. */
export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;
  readonly #listening: readonly Disposable[];

  constructor(model: WindowModel) {
    this.#item = window.createStatusBarItem('opencodex', StatusBarAlignment.Left, priority);
    this.#item.name = 'OpenCodex';
    this.#listening = [
      model.onDidChange((state) => this.#show(state)),
      workspace.onDidChangeConfiguration((change) => {
        if (statusBarChanged(change)) this.#show(model.state);
      }),
    ];
    this.#show(model.state);
  }

  dispose(): void {
    for (const listener of this.#listening) listener.dispose();
    this.#item.dispose();
  }

  #show(state: WindowState): void {
    if (!isStatusShown(statusBarVisibility(), state)) {
      this.#item.hide();
      return;
    }
    const status = renderStatus(state);
    this.#item.text = status.text;
    this.#item.command = {
      title: status.label,
      command: status.command,
      arguments: argumentsOf(status),
    };
    this.#item.backgroundColor = background(status.tone);
    this.#item.tooltip = tooltip(status.tooltip);
    this.#item.accessibilityInformation = { label: status.label, role: 'button' };
    this.#item.show();
  }
}

function background(tone: StatusItem['tone']): ThemeColor | undefined {
  return tone === 'normal' ? undefined : new ThemeColor(`statusBarItem.${tone}Background`);
}

/** Names of models and sentences of errors go in as text; only our own links are links. */
function tooltip(lines: readonly TooltipLine[]): MarkdownString {
  const markdown = new MarkdownString();
  const commands: string[] = [];
  for (const line of lines) {
    switch (line.kind) {
      case 'title':
        markdown.appendMarkdown('**').appendText(line.text).appendMarkdown('**\n\n');
        break;
      case 'text':
        markdown.appendText(line.text).appendMarkdown('\n\n');
        break;
      case 'address':
        // Nobody should open it in a browser, which is what the editor makes of a bare address.
        markdown.appendMarkdown(`\`${line.text}\`\n\n`);
        break;
      case 'links':
        commands.push(...line.links.map((link) => link.command));
        markdown.appendMarkdown(
          line.links.map((link) => `[${link.title}](${commandUri(link)})`).join(' · '),
        );
        break;
    }
  }
  markdown.isTrusted = { enabledCommands: commands };
  return markdown;
}

function argumentsOf({ about }: StatusItem | TooltipLink): string[] {
  return about === undefined ? [] : [about];
}

function commandUri(link: TooltipLink): string {
  const given = argumentsOf(link);
  const query = given.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(given))}`;
  return `command:${link.command}${query}`;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import type { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { launchBrowser } from './browser.ts';

const serverFile = fileURLToPath(
  new URL('node_modules/code-server/out/node/entry.js', import.meta.url),
);
const pictures = fileURLToPath(new URL('screenshots', import.meta.url));

export const themes = {
  light: { title: 'Light 2026', kind: 'vs' },
  dark: { title: 'Dark 2026', kind: 'vs-dark' },
  'high contrast': { title: 'Dark High Contrast', kind: 'hc-black' },
  'high contrast light': { title: 'Light High Contrast', kind: 'hc-light' },
} as const;

export type ThemeName = keyof typeof themes;

export const themeNames = [
  'light',
  'dark',
  'high contrast',
  'high contrast light',
] as const satisfies readonly ThemeName[];

export interface EditorOptions {
  /** VSIX files to install. */
  readonly extensions: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
}

/** A real VS Code with throw-away data, shown in a headless browser. */
export class Editor {
  readonly page: Page;
  /** The folder that is open. */
  readonly workspace: string;
  /** Everything that the editor writes: its data, its home, its extensions. */
  readonly root: string;
  readonly #program: Program;
  #server: ChildProcess;
  #theme: ThemeName = 'dark';

  private constructor(page: Page, root: string, program: Program, server: ChildProcess) {
    this.page = page;
    this.workspace = join(root, 'workspace');
    this.root = root;
    this.#program = program;
    this.#server = server;
  }

  static async start(scope: Scope, options: EditorOptions): Promise<Editor> {
    const root = scope.directory('editor');
    for (const folder of ['data/User', 'data/Machine', 'extensions', 'workspace', 'home']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    const settings = { ...quiet, 'workbench.colorTheme': themes.dark.title, ...options.settings };
    writeFileSync(join(root, 'data/User/settings.json'), JSON.stringify(settings));
    // Those of scope "machine" count where the extensions run: here on a server.
    const machine = JSON.stringify(options.settings ?? {});
    writeFileSync(join(root, 'data/Machine/settings.json'), machine);
    const env = {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      HOME: join(root, 'home'),
      ...options.env,
    };
    const folders = [
      ['--config', join(root, 'code-server.yaml')],
      ['--user-data-dir', join(root, 'data')],
      ['--extensions-dir', join(root, 'extensions')],
    ].flat();
    const install = options.extensions.flatMap((vsix) => ['--install-extension', vsix]);
    const program: Program = (args) => spawnServer(scope, [...folders, ...args], env);
    if (install.length > 0) await finished(program(install));

    const { server, address } = await serve(program, root);
    const browser = await launchBrowser(scope);
    return new Editor(await openWindow(browser, address), root, program, server);
  }

  get themeName(): ThemeName {
    return this.#theme;
  }

  /** Another window, with an extension host and a secret store of its own. */
  async another(): Promise<Editor> {
    const browser = this.page.context().browser();
    if (browser === null) throw new Error('no browser');
    const page = await openWindow(browser, new URL(this.page.url()).origin);
    const window = new Editor(page, this.root, this.#program, this.#server);
    window.#theme = this.#theme;
    return window;
  }

  /** Uninstalls an extension as the editor's own command line does it. */
  async uninstall(id: string): Promise<void> {
    await finished(this.#program(['--uninstall-extension', id]));
  }

  /** Ends the editor and starts it again. */
  async restart(): Promise<void> {
    const gone = once(this.#server, 'exit');
    this.#server.kill('SIGTERM');
    await gone;
    const { server, address } = await serve(this.#program, this.root);
    this.#server = server;
    await this.page.goto(address);
    await this.page.locator('.monaco-workbench').waitFor();
  }

  /** Runs a command of the palette by its full title. */
  async run(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    await input.fill(`>${title}`);
    const row = this.quickPickRow(title);
    await row.waitFor();
    await row.click();
  }

  /** As "Reload Window" does it, which lets the editor save what was open. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.run('Developer: Reload Window');
    await loaded;
    await this.page.locator('.monaco-workbench').waitFor();
  }

  quickPickRow(text: string): Locator {
    return this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ hasText: text })
      .first();
  }

  /** Types into the input box of this title. */
  async type(title: string, text: string): Promise<void> {
    await this.page.locator('.quick-input-title', { hasText: title }).waitFor();
    await this.page.locator('.quick-input-box input').fill(text);
  }

  notification(text: string | RegExp): Locator {
    return this.page
      .locator('.notifications-toasts .notification-list-item')
      .filter({ hasText: text });
  }

  /** The question that has to be answered before anything else. */
  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  /** Presses a button of a dialog, and waits until the dialog is gone. */
  async answer(dialog: Locator, button: string): Promise<void> {
    await dialog.getByRole('button', { name: button, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** Takes the messages away that nobody has answered. */
  async clearNotifications(): Promise<void> {
    await this.run('Notifications: Clear All Notifications');
    await this.page.locator('.notifications-toasts .notification-list-item').waitFor({
      state: 'detached',
    });
  }

  /** Lets the editor open the page of the web that `act` leads to; gives the page's address. */
  async opened(act: () => Promise<void>): Promise<string> {
    const context = this.page.context();
    // The web is not there; what matters is where the browser is sent.
    await context.route(/^https:/, (route) =>
      route.request().isNavigationRequest() ? route.fulfill({ body: 'A page.' }) : route.fallback(),
    );
    await act();
    const dialog = this.dialog('open the external website');
    await dialog.waitFor();
    const popup = context.waitForEvent('page');
    await this.answer(dialog, 'Open');
    const page = await popup;
    await page.waitForURL(/^https:/);
    const url = page.url();
    await page.close();
    return url;
  }

  /** Our item of the status bar. */
  get statusItem(): Locator {
    return this.page.locator('[id="opencodex.opencodex"], [id$="opencodex.opencodex"]').first();
  }

  /** Everything that the editor and its extensions have logged. */
  logs(): string {
    const folder = join(this.root, 'data', 'logs');
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.log'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
  }

  /** Chosen as a user does: that an edit of settings.json is noticed cannot be relied on here. */
  async theme(name: ThemeName): Promise<void> {
    const { title, kind } = themes[name];
    await this.run('Preferences: Color Theme');
    await this.page.locator('.quick-input-box input').fill(title);
    await this.quickPickRow(title).click();
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
    this.#theme = name;
  }

  /** The frame of a page with this heading, as Markdown is shown. */
  async rendered(heading: string): Promise<Frame> {
    return until(`the page "${heading}"`, async () => {
      for (const frame of this.page.frames()) {
        if (await holds(frame.getByRole('heading', { name: heading }))) return frame;
      }
      return undefined;
    });
  }

  /** The frame that a webview's page runs in: two levels deep. */
  async webview(): Promise<Frame> {
    return until('the webview', async () => {
      for (const frame of this.page.frames()) {
        if (!frame.url().includes('fake.html')) continue;
        if (await holds(frame.locator('main'))) return frame;
      }
      return undefined;
    });
  }

  async picture(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }
}

/** A frame may go away while it is asked. */
function holds(wanted: Locator): Promise<boolean> {
  return wanted.count().then(
    (count) => count > 0,
    () => false,
  );
}

async function openWindow(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await page.goto(address);
  await page.locator('.monaco-workbench').waitFor();
  return page;
}

/** Nothing that talks to the outside, and nothing that covers what a test looks at. */
const quiet = {
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'window.commandCenter': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'git.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

/** Starts the editor's program with these arguments. */
type Program = (args: readonly string[]) => ChildProcess;

async function serve(
  program: Program,
  root: string,
): Promise<{ readonly server: ChildProcess; readonly address: string }> {
  const server = program([
    ...['--auth', 'none', '--bind-addr', '127.0.0.1:0'],
    ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
    join(root, 'workspace'),
  ]);
  return { server, address: await addressOf(server) };
}

function spawnServer(
  scope: Scope,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ChildProcess {
  // A group of its own, because the extension host outlives its page.
  const child = spawn(process.execPath, [serverFile, ...args], { env, detached: true });
  scope.add(async () => {
    if (child.pid === undefined) return;
    const gone =
      child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It has gone by itself.
    }
    await gone;
  });
  return child;
}

async function finished(child: ChildProcess): Promise<void> {
  let said = '';
  child.stdout?.on('data', (chunk) => (said += chunk));
  child.stderr?.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`code-server ended with ${code}: ${said}`);
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no pipe');
  child.stderr?.resume();
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (address === undefined) continue;
    child.stdout.resume();
    return address;
  }
  throw new Error('code-server ended before it listened');
}

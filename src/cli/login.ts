import { opencodexHome } from '../config/home.ts';
import { type AccountProvider, accountProviders } from '../credentials/accounts/credential.ts';
import { loginDefinitions, type Notice } from '../credentials/logins/definitions.ts';
import type { LoginSession, LoginState } from '../credentials/logins/loginSession.ts';
import type { Logins } from '../credentials/logins/logins.ts';
import { accountArgument } from './accountArgument.ts';
import type { Command, CommandOptions } from './command.ts';
import { CommandFailure, type Terminal } from './terminal.ts';

/** Set where the user's browser is most likely on another machine. */
const remoteMarks = ['SSH_CONNECTION', 'SSH_TTY', 'CODESPACES', 'REMOTE_CONTAINERS'];

/** Logs in to a provider's account. It opens no browser: it shows what to open. */
export const login: Command = {
  usage: `login <${accountProviders.join('|')}>`,
  summary: 'log in with an account (--browser, --force, --yes)',
  options: {
    browser: { type: 'boolean' },
    force: { type: 'boolean' },
    yes: { type: 'boolean' },
  },
  positionals: { min: 1, max: 1 },
  async run(options, terminal, [name = '']) {
    const provider = accountArgument(name);
    const cancelled = terminal.asked();
    const { logins, dispose } = await terminal.openLogins(opencodexHome(terminal.env));
    try {
      await logIn(provider, options, terminal, logins, cancelled);
    } finally {
      dispose();
    }
  },
};

async function logIn(
  provider: AccountProvider,
  options: CommandOptions,
  terminal: Terminal,
  logins: Logins,
  cancelled: Promise<void>,
): Promise<void> {
  const { label, notice } = loginDefinitions[provider];
  const forbidden = await logins.forbidden(provider);
  if (forbidden !== undefined) throw new CommandFailure(forbidden);
  showNotice(notice, terminal);
  if (options['yes'] !== true && !(await agrees(terminal, cancelled))) throw nothingStored();
  const started = await logins.start(provider, {
    acceptedNotice: notice.version,
    remote: remoteMarks.some((mark) => (terminal.env[mark] ?? '') !== ''),
    browser: options['browser'] === true,
    consent: options['force'] === true ? { replaceAccount: true, replaceDamaged: true } : {},
  });
  if (!started.ok) throw new CommandFailure(started.message);
  const { session } = started;
  void cancelled.then(() => session.cancel());
  const unsaved = follow(session, terminal);
  const end = await session.done;
  switch (end.kind) {
    case 'done':
      terminal.print(
        `Logged in to ${label}${end.account === undefined ? '' : ` as ${end.account}`}.`,
      );
      if (end.note !== undefined) terminal.print(end.note);
      return;
    case 'cancelled':
      throw unsaved() ?? nothingStored();
    case 'failed':
      throw new CommandFailure(end.message);
  }
}

function nothingStored(): CommandFailure {
  return new CommandFailure('the login was cancelled. Nothing was stored.');
}

function showNotice(notice: Notice, terminal: Terminal): void {
  terminal.print(notice.text);
  terminal.print(`The provider's terms: ${notice.link}`);
}

async function agrees(terminal: Terminal, cancelled: Promise<void>): Promise<boolean> {
  terminal.print('Log in? Type y and press Enter; anything else cancels.');
  const answer = await Promise.race([terminal.readLine(), cancelled]);
  return isYes(answer ?? '');
}

/** Shows each step and hands on what is typed. Gives what stands in the way of storing the login. */
function follow(session: LoginSession, terminal: Terminal): () => CommandFailure | undefined {
  let problem: CommandFailure | undefined;
  let silent = false;
  const show = (state: LoginState): void => {
    problem = state.kind === 'unsaved' ? new CommandFailure(state.message) : problem;
    for (const line of linesOf(state)) terminal.print(line);
    // Nobody is there to answer.
    if (silent && state.kind === 'unsaved') session.cancel();
  };
  show(session.state);
  session.onChange(show);
  const listen = async (): Promise<void> => {
    for (;;) {
      const line = await terminal.readLine();
      if (line === undefined) break;
      await take(session, line, terminal);
    }
    silent = true;
    if (session.state.kind === 'unsaved') session.cancel();
  };
  void listen();
  return () => problem;
}

async function take(session: LoginSession, line: string, terminal: Terminal): Promise<void> {
  const { state } = session;
  if (state.kind === 'unsaved') {
    if (state.consent !== undefined && !isYes(line)) session.cancel();
    else await session.save(state.consent);
  } else if (line.trim() !== '') {
    const pasted = session.paste(line);
    if (!pasted.ok) terminal.note(pasted.message);
  }
}

function linesOf(state: LoginState): readonly string[] {
  switch (state.kind) {
    case 'device':
      return [
        `Open ${state.urlWithCode ?? state.url}`,
        state.urlWithCode === undefined
          ? `and enter the code ${state.code}`
          : `and check that it shows the code ${state.code}`,
        'Only do so if you started this login yourself. Waiting; Ctrl+C cancels.',
      ];
    case 'browser':
      return state.url === state.manualUrl
        ? [
            `Open ${state.url}`,
            'If the browser does not come back by itself, paste the code that the page shows, or the address of the page that did not load, and press Enter.',
          ]
        : [
            ...(state.url === undefined ? [] : [`Open ${state.url}`]),
            `${state.url === undefined ? 'Open' : 'Where the browser is on another machine, open'} ${state.manualUrl}`,
            'and paste the code that the page shows, then press Enter. Ctrl+C cancels.',
          ];
    case 'unsaved':
      return [
        state.message,
        state.consent !== undefined
          ? 'Type y and press Enter to agree; anything else cancels.'
          : 'Press Enter to try again; Ctrl+C cancels.',
      ];
    case 'starting':
    case 'finishing':
    case 'done':
    case 'cancelled':
    case 'failed':
      return [];
  }
}

function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

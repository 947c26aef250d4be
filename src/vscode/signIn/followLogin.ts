import timers from 'node:timers/promises';
import { type CancellationToken, l10n, ProgressLocation, window } from 'vscode';
import { ApiFailure } from '../management.ts';
import type { Parts } from '../parts.ts';
import { type Login, ShownLogin } from './shownLogin.ts';

const pollMs = 500;

/** How many polls in a row may find nobody: the proxy may be starting again, or another window takes over. */
const patience = 20;

/** Shows a login until it has ended, or waits to be stored. Closing the progress ends it. */
export async function followLogin(parts: Parts, label: string, start: Login): Promise<Login> {
  return window.withProgress(
    {
      location: ProgressLocation.Notification,
      title: l10n.t('Signing in to {0}', label),
      cancellable: true,
    },
    async (progress, cancelled) => {
      const over = new AbortController();
      const shown = new ShownLogin(parts, start.provider);
      const show = (login: Login): void => {
        if (login.status !== 'waiting') return;
        progress.report({ message: waitingText(login) });
        shown.show(login);
      };
      try {
        return await Promise.race([
          ended(parts, start, show, over.signal),
          cancelledLogin(parts, start, cancelled),
        ]);
      } finally {
        over.abort();
        shown.dispose();
      }
    },
  );
}

async function ended(
  { ask }: Parts,
  start: Login,
  show: (login: Login) => void,
  signal: AbortSignal,
): Promise<Login> {
  const { provider } = start;
  let login = start;
  let missed = 0;
  while (!isOver(login)) {
    show(login);
    await timers.setTimeout(pollMs, undefined, { signal });
    try {
      login = await ask('GET /api/oauth/status', { provider });
      missed = 0;
    } catch (thrown) {
      missed += 1;
      if (missed > patience || !isAbsence(thrown)) throw thrown;
    }
  }
  return login;
}

/** Settles when the user has cancelled, unless that came too late: then the login goes on to its end. */
function cancelledLogin(
  { ask }: Parts,
  { provider }: Login,
  cancelled: Pick<CancellationToken, 'onCancellationRequested'>,
): Promise<Login> {
  const nobody: Login = { provider, status: 'cancelled', canPaste: false };
  return new Promise((resolve) => {
    cancelled.onCancellationRequested(async () => {
      // A proxy that does not answer has no login that could go on.
      const login = await ask('POST /api/oauth/cancel', { provider }).catch(() => nobody);
      if (isOver(login)) resolve(login);
    });
  });
}

/** Whether nobody answered, as opposed to an answer that says no. */
function isAbsence(thrown: unknown): boolean {
  return thrown instanceof ApiFailure && thrown.status >= 500;
}

function isOver({ status }: Login): boolean {
  return ['done', 'failed', 'cancelled', 'unsaved'].includes(status);
}

function waitingText({ userCode }: Login): string {
  return userCode === undefined
    ? l10n.t('Finish in your browser.')
    : l10n.t('Enter the code {0} in your browser.', userCode);
}

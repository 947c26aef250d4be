import { env, l10n, ThemeIcon, Uri, window } from 'vscode';
import type { Parts } from '../parts.ts';
import { answered, type Choice, type Outcome, pick, type } from '../wizard.ts';
import { type Draft, entryOf, idOf, isReference, type Offer } from './draft.ts';

/** How to sign in, where there is more than one way. */
export function chooseAuth(draft: Draft, first: boolean): Promise<Outcome<Draft>> | undefined {
  const { offer } = draft;
  if (offer === undefined || offer.auth.length < 2) return undefined;
  return answered(
    pick<Choice<Offer['auth'][number]>>({
      title: offer.label,
      first,
      placeholder: l10n.t('How do you want to sign in?'),
      items: offer.auth.map((auth) => ({ value: auth, ...authText(auth) })),
    }),
    ({ value: auth }) => {
      // A key that was typed before the user went back is no login.
      const { key: _, unsure: __, ...rest } = draft;
      return { ...rest, auth };
    },
  );
}

function authText(auth: Offer['auth'][number]): { label: string; detail: string } {
  switch (auth) {
    case 'key':
      return {
        label: `$(key) ${l10n.t('API key')}`,
        detail: l10n.t('Kept in the secret store of the editor, never in a file.'),
      };
    case 'oauth':
      return {
        label: `$(account) ${l10n.t('Account login')}`,
        detail: l10n.t('In your browser. What the provider’s terms say is shown first.'),
      };
    case 'forward':
      return {
        label: `$(arrow-swap) ${l10n.t('ChatGPT login of Codex')}`,
        detail: l10n.t('Relayed to OpenAI only; nothing is stored.'),
      };
  }
}

/** Asks for the key until the provider takes it, or cannot say whether it does. */
export function enterKey(
  draft: Draft,
  first: boolean,
  { ask }: Parts,
): Promise<Outcome<Draft>> | undefined {
  const { offer, auth } = draft;
  if (offer === undefined || auth !== 'key') return undefined;
  const { keyPage } = offer;
  const optional = offer.keyOptional || offer.kind === 'custom' || offer.kind === 'local';
  /** What the last check has shown besides. */
  let found: Pick<Draft, 'unsure' | 'baseUrl'> = {};

  const check = async (key: string, closed: AbortSignal): Promise<string | undefined> => {
    if (key === '' && !optional) return l10n.t('Paste the key of your account.');
    const asked = { ...draft, ...found };
    const verdict = await ask('POST /api/providers/check', checkInput(asked, offer, key));
    if (closed.aborted || verdict.result === 'valid') return undefined;
    const { message, betterBaseUrl } = verdict;
    if (verdict.result === 'refused') return message;
    if (betterBaseUrl === undefined) {
      found = { ...found, unsure: message };
      return undefined;
    }
    if (!(await agreesTo(betterBaseUrl, message))) return message;
    found = { unsure: undefined, baseUrl: betterBaseUrl };
    return check(key, closed);
  };

  return answered(
    type({
      title: l10n.t('API Key for {0}', offer.label),
      first,
      prompt: optional
        ? l10n.t('Leave it empty if the server needs none.')
        : l10n.t('Kept in the secret store of the editor. $NAME takes an environment variable.'),
      password: true,
      hint: (text) => keyHint(text, offer),
      check: (key, closed) => {
        found = { unsure: undefined };
        return check(key, closed);
      },
      ...(keyPage === undefined
        ? {}
        : {
            button: {
              button: {
                iconPath: new ThemeIcon('link-external'),
                tooltip: l10n.t('Open Key Page'),
              },
              run: () => void env.openExternal(Uri.parse(keyPage, true)),
            },
          }),
    }),
    (key) => ({ ...draft, ...found, key }),
  );
}

/** An address that was mistyped is put right only by its owner. */
async function agreesTo(betterBaseUrl: string, message: string): Promise<boolean> {
  const use = l10n.t('Use This Address');
  const question = l10n.t('Use {0}?', betterBaseUrl);
  const options = { modal: true, detail: message };
  return (await window.showWarningMessage(question, options, use)) === use;
}

/** A warning only: providers change what their keys look like. */
export function keyHint(key: string, { label, keyPrefixes }: Offer): string | undefined {
  if (key === '' || isReference(key) || keyPrefixes.length === 0) return undefined;
  if (key.length < 8 || keyPrefixes.some((prefix) => key.startsWith(prefix))) return undefined;
  return l10n.t('Keys of {0} usually begin with {1}.', label, keyPrefixes.join(', '));
}

function checkInput(draft: Draft, offer: Offer, key: string) {
  return {
    // Of the catalog, which knows what is not said here: a second account has a name of its own.
    id: offer.kind === 'custom' ? idOf(draft, offer) : offer.id,
    values: draft.values,
    entry: entryOf(draft, offer, key),
    ...(key === '' || isReference(key) ? {} : { key }),
  };
}

import { env, l10n, type QuickPickItem, QuickPickItemKind, ThemeIcon, Uri, window } from 'vscode';
import { wires } from '../adapters/target.ts';
import type { ApiAnswer } from '../link/api.ts';
import type { Parts } from './parts.ts';
import { type Outcome, pick, runSteps, type Step, type } from './wizard.ts';

type Offer = ApiAnswer<'GET /api/key-providers'>['providers'][number];

/** What the user has said so far. Nothing of it is stored before the last step. */
interface Draft {
  readonly offer?: Offer;
  readonly auth?: Offer['auth'][number];
  readonly id?: string;
  readonly baseUrl?: string;
  readonly adapter?: string;
  readonly values: Readonly<Record<string, string>>;
  readonly key?: string;
  /** What the check could not say. */
  readonly unsure?: string;
  readonly model?: string | undefined;
}

/** Adds a provider of the catalog, or any other address: asks, checks, and only then stores. */
export async function addProvider(parts: Parts, catalogId?: string): Promise<void> {
  const { providers: offers } = await parts.ask('GET /api/key-providers', {});
  const given = offers.find(({ id }) => id === catalogId);
  const steps = stepsFor(parts, offers);
  const draft = await runSteps(
    given === undefined ? steps : steps.slice(1),
    given === undefined ? { values: {} } : chosen({ values: {} }, given),
  );
  if (draft?.offer === undefined) return;
  if (draft.auth === 'oauth') {
    const { signIn } = await import('./signIn.ts');
    await signIn(parts, draft.offer.id);
    return;
  }
  await store(parts, draft, draft.offer);
}

function stepsFor(parts: Parts, offers: readonly Offer[]): readonly Step<Draft>[] {
  return [
    (draft, first) => chooseOffer(draft, first, offers),
    (draft, first) => chooseAuth(draft, first),
    (draft, first) => chooseName(draft, first, offers),
    (draft, first) => chooseAddress(draft, first),
    (draft, first) => chooseWire(draft, first),
    (draft, first) => fillBlank(draft, first, 0),
    (draft, first) => fillBlank(draft, first, 1),
    (draft, first) => enterKey(draft, first, parts),
    (draft, first) => chooseModel(draft, first),
  ];
}

interface OfferItem extends QuickPickItem {
  readonly offer?: Offer;
}

async function chooseOffer(
  draft: Draft,
  first: boolean,
  offers: readonly Offer[],
): Promise<Outcome<Draft>> {
  for (;;) {
    const outcome = await pick<OfferItem>({
      title: l10n.t('Add Provider'),
      first,
      placeholder: l10n.t('Provider'),
      items: offerItems(offers),
    });
    if (outcome === 'back' || outcome === 'cancel') return outcome;
    const { offer } = outcome.value;
    if (offer === undefined) continue;
    if (offer.unusable === undefined) return { kind: 'next', value: chosen(draft, offer) };
    void window.showInformationMessage(`${offer.label}: ${offer.unusable}`);
  }
}

function chosen(draft: Draft, offer: Offer): Draft {
  const [auth = 'key'] = offer.auth;
  return { ...draft, offer, ...(offer.auth.length === 1 ? { auth } : {}) };
}

const kinds = ['login', 'key', 'gateway', 'local', 'custom'] as const;

/** By kind; what is there already says so. */
export function offerItems(offers: readonly Offer[]): readonly OfferItem[] {
  return kinds.flatMap((kind) => {
    const members = offers.filter((offer) => offer.kind === kind);
    if (members.length === 0) return [];
    return [
      { label: kindTitle(kind), kind: QuickPickItemKind.Separator },
      ...members.map((offer) => offerItem(offer)),
    ];
  });
}

function offerItem(offer: Offer): OfferItem {
  const { label, id, configuredAs, unusable, note, aliases } = offer;
  const icon = unusable === undefined ? '' : '$(circle-slash) ';
  const there = configuredAs.length === 0 ? '' : ` · ${l10n.t('added')}`;
  const detail = unusable ?? note ?? (aliases.length === 0 ? undefined : aliases.join(', '));
  return {
    offer,
    label: `${icon}${label}`,
    description: `${id}${there}`,
    ...(detail === undefined ? {} : { detail }),
  };
}

function kindTitle(kind: Offer['kind']): string {
  switch (kind) {
    case 'login':
      return l10n.t('Sign in');
    case 'key':
      return l10n.t('API key');
    case 'gateway':
      return l10n.t('Gateway');
    case 'local':
      return l10n.t('On this machine');
    case 'custom':
      return l10n.t('Custom');
  }
}

interface ValueItem extends QuickPickItem {
  readonly value: string;
}

function chooseAuth(draft: Draft, first: boolean): Promise<Outcome<Draft>> | undefined {
  const { offer } = draft;
  if (offer === undefined || offer.auth.length < 2) return undefined;
  return map(
    pick<ValueItem>({
      title: offer.label,
      first,
      placeholder: l10n.t('How do you want to sign in?'),
      items: offer.auth.map((auth) => ({ value: auth, ...authText(auth) })),
    }),
    ({ value }) => ({ ...draft, auth: offer.auth.find((auth) => auth === value) ?? 'key' }),
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

/** Only where the catalog has no name for it, or the name is taken. */
function chooseName(
  draft: Draft,
  first: boolean,
  offers: readonly Offer[],
): Promise<Outcome<Draft>> | undefined {
  const { offer, auth } = draft;
  if (offer === undefined || auth === 'oauth') return undefined;
  const taken = offers.flatMap(({ configuredAs }) => configuredAs);
  if (offer.kind !== 'custom' && !taken.includes(offer.id)) return undefined;
  return map(
    type({
      title: offer.label,
      first,
      prompt: l10n.t('A short name; models are called name/model.'),
      value: draft.id ?? freeName(offer, taken),
      check: async (text) => nameProblem(text, taken),
    }),
    (id) => ({ ...draft, id }),
  );
}

function freeName({ id, kind }: Offer, taken: readonly string[]): string {
  if (kind === 'custom') return '';
  for (let number = 2; ; number++) {
    if (!taken.includes(`${id}-${number}`)) return `${id}-${number}`;
  }
}

export function nameProblem(text: string, taken: readonly string[]): string | undefined {
  if (!/^[^/\s]+$/.test(text)) return l10n.t('A name without blanks and slashes.');
  if (['opencodex', 'vscode'].includes(text.toLowerCase())) {
    return l10n.t('OpenCodex uses this name itself. Choose another one.');
  }
  return taken.includes(text) ? l10n.t('There is a provider of this name already.') : undefined;
}

function chooseAddress(draft: Draft, first: boolean): Promise<Outcome<Draft>> | undefined {
  const { offer, auth } = draft;
  if (offer === undefined || auth !== 'key') return undefined;
  if (offer.kind === 'login' || offer.kind === 'key') return undefined;
  if (offer.asks.length > 0) return undefined;
  return map(
    type({
      title: offer.label,
      first,
      prompt: l10n.t('The address of its API'),
      placeholder: 'https://…/v1',
      value: draft.baseUrl ?? (offer.kind === 'custom' ? '' : offer.baseUrl),
      check: async (text) => addressProblem(text),
    }),
    (baseUrl) => ({ ...draft, baseUrl }),
  );
}

export function addressProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return l10n.t('An address begins with https:// or, for a server nearby, http://.');
  }
  return url.username === '' && url.password === ''
    ? undefined
    : l10n.t('The address must not hold a user name or a password.');
}

function chooseWire(draft: Draft, first: boolean): Promise<Outcome<Draft>> | undefined {
  if (draft.offer?.kind !== 'custom') return undefined;
  return map(
    pick<ValueItem>({
      title: draft.offer.label,
      first,
      placeholder: l10n.t('The API that it speaks'),
      items: wires.map((wire) => ({ value: wire, label: wireTitle(wire), description: wire })),
    }),
    ({ value }) => ({ ...draft, adapter: value }),
  );
}

function wireTitle(wire: (typeof wires)[number]): string {
  switch (wire) {
    case 'openai-chat':
      return l10n.t('OpenAI Chat Completions, which most servers speak');
    case 'openai-responses':
      return l10n.t('OpenAI Responses');
    case 'anthropic':
      return l10n.t('Anthropic Messages');
    case 'google':
      return l10n.t('Google Gemini');
    case 'azure':
      return l10n.t('Azure OpenAI');
  }
}

function fillBlank(
  draft: Draft,
  first: boolean,
  index: number,
): Promise<Outcome<Draft>> | undefined {
  const ask = draft.offer?.asks[index];
  if (draft.offer === undefined || ask === undefined || draft.auth !== 'key') return undefined;
  return map(
    type({
      title: draft.offer.label,
      first,
      prompt: ask.prompt,
      value: draft.values[ask.name] ?? ask.default ?? '',
      check: async (text) => (text === '' ? l10n.t('The address needs this value.') : undefined),
    }),
    (value) => ({ ...draft, values: { ...draft.values, [ask.name]: value } }),
  );
}

function enterKey(draft: Draft, first: boolean, parts: Parts): Promise<Outcome<Draft>> | undefined {
  const { offer } = draft;
  if (offer === undefined || draft.auth !== 'key') return undefined;
  const optional = offer.keyOptional || offer.kind === 'custom' || offer.kind === 'local';
  let unsure: string | undefined;
  const { keyPage } = offer;
  return map(
    type({
      title: l10n.t('API Key for {0}', offer.label),
      first,
      prompt: optional
        ? l10n.t('Leave it empty if the server needs none.')
        : l10n.t('Kept in the secret store of the editor. $NAME takes an environment variable.'),
      password: true,
      hint: (text) => keyHint(text, offer),
      check: async (key, closed) => {
        if (key === '' && !optional) return l10n.t('Paste the key of your account.');
        const verdict = await parts.ask('POST /api/providers/check', checkInput(draft, offer, key));
        if (closed.aborted) return undefined;
        if (verdict.result === 'refused') return verdict.message;
        unsure = verdict.result === 'unknown' ? verdict.message : undefined;
        return undefined;
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
    (key) => ({ ...draft, key, ...(unsure === undefined ? {} : { unsure }) }),
  );
}

/** A warning only: providers change what their keys look like. */
export function keyHint(key: string, { label, keyPrefixes }: Offer): string | undefined {
  if (key === '' || key.startsWith('$') || keyPrefixes.length === 0) return undefined;
  if (key.length < 8 || keyPrefixes.some((prefix) => key.startsWith(prefix))) return undefined;
  return l10n.t('Keys of {0} usually begin with {1}.', label, keyPrefixes.join(', '));
}

function checkInput(draft: Draft, offer: Offer, key: string) {
  return {
    id: draft.id ?? offer.id,
    values: draft.values,
    entry: entryOf(draft, offer, key.startsWith('$') ? key : undefined),
    ...(key === '' || key.startsWith('$') ? {} : { key }),
  };
}

function entryOf(draft: Draft, offer: Offer, apiKey: string | undefined) {
  return {
    ...(draft.baseUrl === undefined ? {} : { baseUrl: draft.baseUrl }),
    ...(draft.adapter === undefined ? {} : { adapter: draft.adapter }),
    ...(draft.auth === 'forward' ? { authMode: 'forward' } : {}),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(draft.model === undefined ? {} : { defaultModel: draft.model }),
    ...(draft.id !== undefined && offer.kind !== 'custom'
      ? { label: `${offer.label} (${draft.id})` }
      : {}),
  };
}

/** The one that codes best by the catalog is first; a custom server's is typed. */
function chooseModel(draft: Draft, first: boolean): Promise<Outcome<Draft>> | undefined {
  const { offer } = draft;
  if (offer === undefined || draft.auth === 'oauth') return undefined;
  const { defaultModel } = offer;
  const names = new Set(
    defaultModel === undefined ? offer.models : [defaultModel, ...offer.models],
  );
  const later: ValueItem = {
    label: `$(ellipsis) ${l10n.t('Decide later')}`,
    detail: l10n.t('Every model can be chosen in Codex and with Switch Model.'),
    value: '',
  };
  return map(
    pick<ValueItem>({
      title: l10n.t('Default Model of {0}', offer.label),
      first,
      placeholder: l10n.t('Model, or type its name'),
      items: [
        ...[...names].map((model) => ({
          label: model,
          value: model,
          ...(model === defaultModel ? { description: l10n.t('recommended') } : {}),
        })),
        later,
      ],
      typed: (text) =>
        text === '' || names.has(text)
          ? undefined
          : { label: l10n.t('Use “{0}”', text), value: text, alwaysShow: true },
    }),
    ({ value }) => ({ ...draft, model: value === '' ? undefined : value }),
  );
}

async function store(parts: Parts, draft: Draft, offer: Offer): Promise<void> {
  const { ask, vault } = parts;
  const id = draft.id ?? offer.id;
  const key = draft.key ?? '';
  const kept = key !== '' && !key.startsWith('$');
  if (kept && !(await vault.store(id, key))) {
    throw new Error(
      l10n.t(
        'The editor did not keep the key, because the system has no keyring. Set it as an environment variable, and enter $NAME as the key.',
      ),
    );
  }
  try {
    await ask('POST /api/providers', {
      id,
      catalogId: offer.id,
      values: draft.values,
      entry: {
        ...entryOf(draft, offer, key.startsWith('$') ? key : undefined),
        ...(kept ? { keySource: 'vault' } : {}),
      },
    });
  } catch (thrown) {
    if (kept) await vault.forget(id);
    throw thrown;
  }
  const switchTo = l10n.t('Switch to It');
  const open = l10n.t('Open Dashboard');
  const said = draft.unsure === undefined ? '' : ` ${draft.unsure}`;
  const model = draft.model ?? offer.defaultModel;
  const answer = await window.showInformationMessage(
    `${l10n.t('{0} is added.', offer.label)}${said}`,
    ...(model === undefined ? [open] : [switchTo, open]),
  );
  if (answer === open) parts.dashboard.open('providers');
  if (answer === switchTo) await ask('PUT /api/current-model', { model: `${id}/${model}` });
}

async function map<T, S>(
  outcome: Promise<Outcome<T>>,
  change: (value: T) => S,
): Promise<Outcome<S>> {
  const settled = await outcome;
  return typeof settled === 'string' ? settled : { kind: 'next', value: change(settled.value) };
}

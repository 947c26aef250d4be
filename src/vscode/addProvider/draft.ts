import type { ApiAnswer, ApiInput } from '../../link/api.ts';

/** A provider that can be added. */
export type Offer = ApiAnswer<'GET /api/key-providers'>['providers'][number];

/** What the user has said so far. Nothing of it is stored before the last step. */
export interface Draft {
  readonly offer?: Offer;
  readonly auth?: Offer['auth'][number];
  readonly id?: string;
  readonly baseUrl?: string;
  readonly adapter?: string;
  readonly values: Readonly<Record<string, string>>;
  readonly key?: string;
  /** What the check could not say. */
  readonly unsure?: string | undefined;
  readonly model?: string | undefined;
}

/** What is known once a provider is chosen; where there is one way to sign in, that is chosen, too. */
export function chosen(offer: Offer): Draft {
  const [auth = 'key'] = offer.auth;
  return { offer, values: {}, ...(offer.auth.length === 1 ? { auth } : {}) };
}

/** What the user typed names an environment variable: it is written down, and no secret. */
export function isReference(key: string): boolean {
  return key.startsWith('$');
}

/** The name that the provider gets. */
export function idOf(draft: Draft, offer: Offer): string {
  return draft.id ?? offer.id;
}

/** The provider's entry for config.json. A key is in it only as the name of a variable. */
export function entryOf(
  draft: Draft,
  offer: Offer,
  key: string,
): ApiInput<'POST /api/providers'>['entry'] {
  const { baseUrl, adapter, auth, model } = draft;
  const label = labelOf(draft, offer);
  return {
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(adapter === undefined ? {} : { adapter }),
    ...(auth === 'forward' ? { authMode: 'forward' } : {}),
    ...(isReference(key) ? { apiKey: key } : {}),
    ...(model === undefined ? {} : { defaultModel: model }),
    ...(label === undefined ? {} : { label }),
  };
}

/** Where neither name nor address are the catalog's, nothing else would tell what it is. */
function labelOf({ id, baseUrl = '' }: Draft, { kind, label, baseUrl: usual }: Offer) {
  if (kind === 'custom') return undefined;
  if (id !== undefined) return `${label} (${id})`;
  return baseUrl === '' || baseUrl === usual ? undefined : label;
}

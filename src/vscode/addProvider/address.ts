import { l10n } from 'vscode';
import { wires } from '../../adapters/target.ts';
import { answered, type Choice, type Outcome, pick, type } from '../wizard.ts';
import type { Draft, Offer } from './draft.ts';

/*
 * Where a provider is, as far as the catalog leaves it open: its name in config.json, its address, the
 * API that it speaks, and what its address has blanks for.
 */

/** Only where the catalog has no name for it, or the name is taken. */
export function chooseName(
  draft: Draft,
  first: boolean,
  offers: readonly Offer[],
): Promise<Outcome<Draft>> | undefined {
  const { offer, auth } = draft;
  if (offer === undefined || auth === 'oauth') return undefined;
  const taken = offers.flatMap(({ configuredAs }) => configuredAs);
  if (offer.kind !== 'custom' && !taken.includes(offer.id)) return undefined;
  return answered(
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

/** Of a custom provider the whole address is blank, and asked for as such. */
function hasBlanks({ kind, asks }: Offer): boolean {
  return kind !== 'custom' && asks.length > 0;
}

/** Of servers that can be anywhere. */
export function chooseAddress(draft: Draft, first: boolean): Promise<Outcome<Draft>> | undefined {
  const { offer, auth } = draft;
  if (offer === undefined || auth !== 'key') return undefined;
  if (offer.kind === 'login' || offer.kind === 'key') return undefined;
  if (hasBlanks(offer)) return undefined;
  return answered(
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

/** What a custom server speaks. */
export function chooseWire(draft: Draft, first: boolean): Promise<Outcome<Draft>> | undefined {
  if (draft.offer?.kind !== 'custom') return undefined;
  return answered(
    pick<Choice<string>>({
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

/** One blank of the address of a gateway. */
export function fillBlank(
  draft: Draft,
  first: boolean,
  index: number,
): Promise<Outcome<Draft>> | undefined {
  const { offer, auth } = draft;
  const ask = offer?.asks[index];
  if (offer === undefined || ask === undefined || auth !== 'key') return undefined;
  if (!hasBlanks(offer)) return undefined;
  return answered(
    type({
      title: offer.label,
      first,
      prompt: ask.prompt,
      value: draft.values[ask.name] ?? ask.default ?? '',
      check: async (text) => (text === '' ? l10n.t('The address needs this value.') : undefined),
    }),
    (value) => ({ ...draft, values: { ...draft.values, [ask.name]: value } }),
  );
}

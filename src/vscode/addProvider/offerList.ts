import { l10n, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { type Outcome, pick } from '../wizard.ts';
import { chosen, type Draft, type Offer } from './draft.ts';

interface OfferItem extends QuickPickItem {
  readonly offer?: Offer;
}

/** The list of everything that can be added. */
export async function chooseOffer(
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
    if (offer.unusable === undefined) return { kind: 'next', value: chosen(offer) };
    void window.showInformationMessage(`${offer.label}: ${offer.unusable}`);
  }
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
  const reason = unusable ?? note;
  const detail = reason === undefined ? aliases.join(', ') : sentence(reason);
  return {
    offer,
    label: `${icon}${label}`,
    description: `${id}${there}`,
    ...(detail === '' ? {} : { detail }),
  };
}

/** The catalog's reasons go on from a colon. */
function sentence(reason: string): string {
  return reason.charAt(0).toUpperCase() + reason.slice(1);
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

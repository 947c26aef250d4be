import type { Parts } from '../parts.ts';
import { signIn } from '../signIn/signIn.ts';
import { runSteps, type Step } from '../wizard.ts';
import { chooseAddress, chooseName, chooseWire, fillBlank } from './address.ts';
import { chooseAuth, enterKey } from './credential.ts';
import { chooseModel } from './defaultModel.ts';
import { chosen, type Draft, type Offer } from './draft.ts';
import { chooseOffer } from './offerList.ts';
import { store } from './store.ts';

/** Adds a provider of the catalog, or any other address: asks, checks, and only then stores. */
export async function addProvider(parts: Parts, catalogId?: string): Promise<void> {
  const { providers: offers } = await parts.ask('GET /api/key-providers', {});
  const given = offers.find(({ id }) => id === catalogId);
  const draft = await (given === undefined
    ? runSteps([(_draft, first) => chooseOffer(first, offers), ...steps(parts, offers)], {
        values: {},
      })
    : runSteps(steps(parts, offers), chosen(given)));
  if (draft?.offer === undefined) return;
  if (draft.auth === 'oauth') await signIn(parts, draft.offer.id);
  else await store(parts, draft, draft.offer);
}

/** What is asked once it is clear which provider it is. */
function steps(parts: Parts, offers: readonly Offer[]): readonly Step<Draft>[] {
  return [
    chooseAuth,
    (draft, first) => chooseName(draft, first, offers),
    chooseAddress,
    chooseWire,
    (draft, first) => fillBlank(draft, first, 0),
    (draft, first) => fillBlank(draft, first, 1),
    (draft, first) => enterKey(draft, first, parts),
    chooseModel,
  ];
}

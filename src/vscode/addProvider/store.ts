import { l10n, window } from 'vscode';
import type { Parts } from '../parts.ts';
import { type Draft, entryOf, idOf, isReference, type Offer } from './draft.ts';

/** Writes the provider into config.json and its key into the secret store, and says so. */
export async function store(parts: Parts, draft: Draft, offer: Offer): Promise<void> {
  const { ask, vault } = parts;
  const id = idOf(draft, offer);
  const key = draft.key ?? '';
  const kept = key !== '' && !isReference(key);
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
      entry: { ...entryOf(draft, offer, key), ...(kept ? { keySource: 'vault' } : {}) },
    });
  } catch (thrown) {
    if (kept) await vault.forget(id);
    throw thrown;
  }
  await report(parts, draft, offer);
}

async function report(parts: Parts, draft: Draft, offer: Offer): Promise<void> {
  const switchTo = l10n.t('Switch to It');
  const open = l10n.t('Open Dashboard');
  const said = draft.unsure === undefined ? '' : ` ${draft.unsure}`;
  const model = draft.model ?? offer.defaultModel;
  const answer = await window.showInformationMessage(
    `${l10n.t('{0} is added.', offer.label)}${said}`,
    ...(model === undefined ? [open] : [switchTo, open]),
  );
  if (answer === open) parts.dashboard.open('providers');
  if (answer === switchTo) {
    await parts.ask('PUT /api/current-model', { model: `${idOf(draft, offer)}/${model}` });
  }
}

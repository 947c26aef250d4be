import { l10n } from 'vscode';
import { answered, type Choice, type Outcome, pick } from '../wizard.ts';
import type { Draft } from './draft.ts';

/** The one that codes best by the catalog is first; a custom server's is typed. */
export function chooseModel(draft: Draft, first: boolean): Promise<Outcome<Draft>> | undefined {
  const { offer } = draft;
  if (offer === undefined || draft.auth === 'oauth') return undefined;
  const { defaultModel } = offer;
  const names = new Set(
    defaultModel === undefined ? offer.models : [defaultModel, ...offer.models],
  );
  const later: Choice<string> = {
    label: `$(ellipsis) ${l10n.t('Decide later')}`,
    detail: l10n.t('Every model can be chosen in Codex and with Switch Model.'),
    value: '',
  };
  return answered(
    pick<Choice<string>>({
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

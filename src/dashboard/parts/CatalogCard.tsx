import type { ApiAnswer } from '../../link/api.ts';
import { useBridge } from '../bridge.ts';
import { t } from '../l10n.ts';
import { useForms } from './forms.ts';
import { ProxyText } from './ProxyText.tsx';

/** A provider that can be added. */
export function CatalogCard({
  offer,
}: {
  offer: ApiAnswer<'GET /api/key-providers'>['providers'][number];
}) {
  const bridge = useBridge();
  const forms = useForms();
  const { id, label, keyPage, note, unusable, models, defaultModel } = offer;
  return (
    <li class="card offer">
      <h3>{label}</h3>
      {unusable === undefined ? (
        <p class="quiet">
          {note === undefined ? modelsText(defaultModel, models) : <ProxyText>{note}</ProxyText>}
        </p>
      ) : (
        <p class="quiet sentence">
          <ProxyText>{unusable}</ProxyText>
        </p>
      )}
      <p class="actions">
        {unusable === undefined && (
          <button
            type="button"
            class="secondary"
            aria-label={t('Add {0}', label)}
            onClick={() => forms.addProvider(id)}
          >
            {t('Add')}
          </button>
        )}
        {keyPage !== undefined && (
          <button
            type="button"
            class="link"
            aria-label={t('Get a key for {0}', label)}
            onClick={() => bridge.open(keyPage)}
          >
            {t('Get a key')}
          </button>
        )}
      </p>
    </li>
  );
}

function modelsText(defaultModel: string | undefined, models: readonly string[]): string {
  const names = models.slice(0, 3).join(', ');
  if (names === '') return defaultModel ?? t('Its models are listed once it is added.');
  return models.length > 3 ? t('{0} and more', names) : names;
}

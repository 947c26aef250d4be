import { searchServiceLabels } from '../../sidecars/searchKey.ts';
import { useBridge } from '../bridge.ts';
import { t } from '../l10n.ts';
import { useAnswer } from '../useAnswer.ts';
import { Dialog, Field, typed } from './Dialog.tsx';

/** Gives the search service a key, which a window's secret store keeps. */
export function SearchKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const bridge = useBridge();
  const service = useAnswer('GET /api/settings', {}, ['config']).value?.webSearch.service;
  if (!service) return null;
  const { name, baseUrl } = service;
  return (
    <Dialog
      title={t('API Key for {0}', searchServiceLabels[name])}
      action={t('Set key')}
      onClose={onClose}
      submit={async (form) => {
        const kept = await bridge.call('PUT /api/settings', {
          webSearch: { service: { name, baseUrl, key: typed(form, 'key') } },
        });
        return kept.ok ? undefined : kept.message;
      }}
    >
      <Field label={t('API key')} name="key" secret required />
    </Dialog>
  );
}

import { useBridge } from '../bridge.ts';
import { t } from '../l10n.ts';
import { useAnswer } from '../useAnswer.ts';
import { Dialog, Field, typed } from './Dialog.tsx';

interface EditProps {
  readonly provider: string;
  readonly onClose: () => void;
}

/** Changes what is no secret of a provider's entry; the rest is in config.json. */
export function EditProviderDialog({ provider: id, onClose }: EditProps) {
  const bridge = useBridge();
  const { value } = useAnswer('GET /api/providers', {}, []);
  const provider = value?.providers.find((one) => one.id === id);
  if (provider === undefined) return null;
  const { label, baseUrl, defaultModel = '' } = provider;
  return (
    <Dialog
      title={t('Edit {0}', label)}
      action={t('Save')}
      onClose={onClose}
      submit={async (form) => {
        const entry = changed(form, { label, baseUrl, defaultModel });
        const saved = await bridge.call('PUT /api/providers/:id', { id, entry });
        return saved.ok ? undefined : saved.message;
      }}
    >
      <Field
        label={t('The name that is shown')}
        name="label"
        value={label}
        hint={t('Its models stay {0}/…', id)}
      />
      <Field label={t('The address of its API')} name="baseUrl" value={baseUrl} required />
      <Field
        label={t('Default model')}
        name="defaultModel"
        value={defaultModel}
        hint={t('Empty: the first one that it offers.')}
      />
    </Dialog>
  );
}

/** What is another than before; `null` takes a field out of the entry. */
function changed(
  form: FormData,
  before: Readonly<Record<string, string>>,
): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(before).flatMap(([name, was]) => {
      const is = typed(form, name);
      return is === was ? [] : [[name, is === '' ? null : is] as const];
    }),
  );
}

import { useBridge } from '../bridge.ts';
import { t } from '../l10n.ts';
import { useKeyCheck } from '../useKeyCheck.ts';
import { Dialog, Field, KeepChoice, keepOf, typed } from './Dialog.tsx';

interface ProviderDialogProps {
  readonly provider: string;
  readonly onClose: () => void;
}

/** Gives a provider another key, once it has said that it takes it. */
export function KeyDialog({ provider, onClose }: ProviderDialogProps) {
  const bridge = useBridge();
  const checked = useKeyCheck();
  return (
    <Dialog
      title={t('API Key for {0}', provider)}
      action={t('Set key')}
      onClose={onClose}
      submit={async (form) => {
        const key = typed(form, 'key');
        const again = t('Choose Set key once more to store it all the same.');
        const problem = await checked({ id: provider, key }, again);
        if (problem !== undefined) return problem;
        const kept = await bridge.call('PUT /api/providers/:id/key', {
          id: provider,
          key,
          keep: keepOf(form),
        });
        return kept.ok ? undefined : kept.message;
      }}
    >
      <Field label={t('API key')} name="key" secret required />
      <KeepChoice />
    </Dialog>
  );
}

export function RemoveDialog({ provider, onClose }: ProviderDialogProps) {
  const bridge = useBridge();
  return (
    <Dialog
      title={t('Remove {0}?', provider)}
      action={t('Remove')}
      onClose={onClose}
      submit={async () => {
        const removed = await bridge.call('DELETE /api/providers/:id', { id: provider });
        return removed.ok ? undefined : removed.message;
      }}
    >
      <p>
        {t(
          'Its entry in config.json is deleted. Threads that use its models cannot go on until another model is chosen.',
        )}
      </p>
    </Dialog>
  );
}

export function SignOutDialog({ provider, onClose }: ProviderDialogProps) {
  const bridge = useBridge();
  return (
    <Dialog
      title={t('Sign out of {0}?', provider)}
      action={t('Sign out')}
      onClose={onClose}
      submit={async () => {
        const out = await bridge.call('POST /api/oauth/logout', { provider });
        return out.ok ? undefined : out.message;
      }}
    >
      <p>{t('Its tokens are deleted from this machine.')}</p>
    </Dialog>
  );
}

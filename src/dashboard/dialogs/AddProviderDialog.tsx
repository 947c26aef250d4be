import { useState } from 'preact/hooks';
import { wires } from '../../adapters/target.ts';
import type { ApiAnswer } from '../../link/api.ts';
import { useBridge } from '../bridge.ts';
import { t } from '../l10n.ts';
import { ProxyText } from '../parts/ProxyText.tsx';
import { useAnswer } from '../useAnswer.ts';
import { useKeyCheck } from '../useKeyCheck.ts';
import { Dialog, Field, KeepChoice, keepOf, typed } from './Dialog.tsx';

type Offer = ApiAnswer<'GET /api/key-providers'>['providers'][number];

interface AddProviderProps {
  readonly catalogId: string | undefined;
  readonly onClose: () => void;
  /** An account is signed in to, not added. */
  readonly onSignIn: (provider: string) => void;
}

/** Adds a provider: one form, checked before anything is stored. */
export function AddProviderDialog({ catalogId, onClose, onSignIn }: AddProviderProps) {
  const bridge = useBridge();
  const offers = useAnswer('GET /api/key-providers', {}, []).value?.providers ?? [];
  const offer = offers.find(({ id }) => id === (catalogId ?? 'custom'));
  const [auth, setAuth] = useState<string>();
  const checked = useKeyCheck();
  if (offer === undefined) return null;
  const chosen = auth ?? offer.auth[0] ?? 'key';

  return (
    <Dialog
      title={t('Add {0}', offer.label)}
      action={chosen === 'oauth' ? t('Sign in') : t('Add')}
      onClose={onClose}
      submit={async (form) => {
        if (chosen === 'oauth') {
          onSignIn(offer.id);
          return undefined;
        }
        const draft = draftOf(offer, chosen, form);
        if (chosen === 'key') {
          // Of the catalog, which knows what is not said here.
          const id = offer.kind === 'custom' ? draft.id : offer.id;
          const again = t('Choose Add once more to add it all the same.');
          const problem = await checked({ ...draft, id }, again);
          if (problem !== undefined) return problem;
        }
        const added = await bridge.call('POST /api/providers', {
          ...draft,
          catalogId: offer.id,
          ...('key' in draft && { keep: keepOf(form) }),
        });
        return added.ok ? undefined : added.message;
      }}
    >
      {offer.note !== undefined && (
        <p class="quiet">
          <ProxyText>{offer.note}</ProxyText>
        </p>
      )}
      {offer.auth.length > 1 && (
        <fieldset>
          <legend class="quiet">{t('How do you want to sign in?')}</legend>
          {offer.auth.map((way) => (
            <label key={way} class="option">
              <input
                type="radio"
                name="auth"
                value={way}
                checked={way === chosen}
                onChange={() => setAuth(way)}
              />
              {authTitle(way)}
            </label>
          ))}
        </fieldset>
      )}
      {chosen !== 'oauth' && <Address offer={offer} />}
      {chosen === 'key' && (
        <>
          <Field
            label={t('API key')}
            name="key"
            secret
            required={!isKeyOptional(offer)}
            hint={
              isKeyOptional(offer)
                ? t('Leave it empty if the server needs none.')
                : t('$NAME takes an environment variable.')
            }
          />
          <KeepChoice />
        </>
      )}
      {chosen !== 'oauth' && (
        <Field label={t('Default model')} name="model" value={offer.defaultModel ?? ''} />
      )}
    </Dialog>
  );
}

function Address({ offer }: { offer: Offer }) {
  const { id, kind, asks, baseUrl, configuredAs } = offer;
  const taken = configuredAs.includes(id) || kind === 'custom';
  const own = kind !== 'login' && kind !== 'key' && asks.length === 0;
  return (
    <>
      {taken && (
        <Field
          label={t('Name')}
          name="id"
          required
          hint={t('A short name; models are called name/model.')}
        />
      )}
      {own && (
        <Field
          label={t('The address of its API')}
          name="baseUrl"
          value={kind === 'custom' ? '' : baseUrl}
          required
        />
      )}
      {asks.map((ask) => (
        <Field
          key={ask.name}
          label={ask.prompt}
          name={`value-${ask.name}`}
          value={ask.default ?? ''}
          required
        />
      ))}
      {kind === 'custom' && (
        <p class="field">
          <label for="wire">{t('The API that it speaks')}</label>
          <select id="wire" name="adapter">
            {wires.map((wire) => (
              <option key={wire} value={wire}>
                {wire}
              </option>
            ))}
          </select>
        </p>
      )}
    </>
  );
}

function authTitle(auth: Offer['auth'][number]): string {
  switch (auth) {
    case 'key':
      return t('API key');
    case 'oauth':
      return t('Account login');
    case 'forward':
      return t('ChatGPT login of Codex');
  }
}

function isKeyOptional({ keyOptional, kind }: Offer): boolean {
  return keyOptional || kind === 'custom' || kind === 'local';
}

/** What the form says, as the management API takes it. */
function draftOf(offer: Offer, auth: string, form: FormData) {
  const key = typed(form, 'key');
  const variable = key.startsWith('$');
  const fields = [
    ['baseUrl', typed(form, 'baseUrl')],
    ['adapter', typed(form, 'adapter')],
    ['defaultModel', typed(form, 'model')],
    ['apiKey', variable ? key : ''],
    ['authMode', auth === 'forward' ? auth : ''],
  ].filter(([, value]) => value !== '');
  return {
    id: typed(form, 'id') || offer.id,
    values: Object.fromEntries(
      offer.asks.map(({ name }) => [name, typed(form, `value-${name}`)] as const),
    ),
    entry: Object.fromEntries(fields),
    ...(variable || key === '' ? {} : { key }),
  };
}

import { useState } from 'preact/hooks';
import type { ApiAnswer } from '../../link/api.ts';
import { type Bridge, useBridge } from '../bridge.ts';
import { formatTime } from '../format.ts';
import { t } from '../l10n.ts';
import { Badge, type Tone } from './Badge.tsx';
import { type Forms, useForms } from './forms.ts';

type Provider = ApiAnswer<'GET /api/providers'>['providers'][number];
type Check = ApiAnswer<'POST /api/providers/:id/test'>;

/** One of the user's providers: how it stands, and everything that can be done with it. */
export function ProviderCard({ provider }: { provider: Provider }) {
  const bridge = useBridge();
  const forms = useForms();
  const [check, setCheck] = useState<Check | 'running'>();
  const { id, label, baseUrl, isDefault, unusable, lastError } = provider;
  const [tone, word] = standing(provider);
  return (
    <li class="card provider">
      <div class="heading">
        <h3>{label}</h3>
        {label !== id && <code>{id}</code>}
        <Badge tone={tone} text={word} />
        {isDefault && <span class="tag">{t('default')}</span>}
        <span class="spring" />
        <Buttons
          provider={provider}
          bridge={bridge}
          forms={forms}
          busy={check === 'running'}
          test={async () => {
            setCheck('running');
            setCheck(await tested(bridge, id));
          }}
        />
      </div>
      <p class="quiet">
        <span class="word">{baseUrl}</span> · {provider.adapter} · {modelsText(provider)}
        {provider.headers.length > 0 && <> · {t('headers: {0}', provider.headers.join(', '))}</>}
      </p>
      {provider.listError !== undefined && <p class="quiet">{provider.listError}</p>}
      {unusable !== undefined && <p class="reason sentence">{unusable}</p>}
      {lastError !== undefined && (
        <p class="reason">
          <span class="quiet">{t('Newest failure:')}</span> {lastError}
        </p>
      )}
      <p role="status" class="check">
        {check === 'running' && t('Asking {0} …', label)}
        {check !== undefined && check !== 'running' && <Verdict check={check} />}
      </p>
    </li>
  );
}

async function tested(bridge: Bridge, id: string): Promise<Check> {
  const result = await bridge.call('POST /api/providers/:id/test', { id });
  return result.ok ? result.value : { result: 'unknown', message: result.message };
}

function Verdict({ check }: { check: Check }) {
  switch (check.result) {
    case 'valid':
      return <Badge tone="good" text={check.message} />;
    case 'refused':
      return <Badge tone="bad" text={check.message} />;
    case 'unknown':
      return <Badge tone="plain" text={check.message} />;
  }
}

interface ButtonsProps {
  readonly provider: Provider;
  readonly bridge: Bridge;
  readonly forms: Forms;
  readonly busy: boolean;
  readonly test: () => void;
}

function Buttons({ provider, bridge, forms, busy, test }: ButtonsProps) {
  const { id, label, authMode, credential, isDefault, keyPage } = provider;
  const of = (title: string): { 'aria-label': string } => ({ 'aria-label': `${title}: ${label}` });
  return (
    <span class="actions">
      {authMode === 'key' && (
        <button type="button" class="link" {...of(t('Set key'))} onClick={() => forms.setKey(id)}>
          {t('Set key')}
        </button>
      )}
      {authMode === 'key' && keyPage !== undefined && (
        <button
          type="button"
          class="link"
          {...of(t('Key page'))}
          onClick={() => bridge.open(keyPage)}
        >
          {t('Key page')}
        </button>
      )}
      {authMode === 'oauth' && (
        <button type="button" class="link" {...of(t('Sign in'))} onClick={() => forms.signIn(id)}>
          {t('Sign in')}
        </button>
      )}
      {credential.kind === 'login' && credential.set && (
        <button type="button" class="link" {...of(t('Sign out'))} onClick={() => forms.signOut(id)}>
          {t('Sign out')}
        </button>
      )}
      {authMode !== 'forward' && (
        <button type="button" class="link" disabled={busy} {...of(t('Test'))} onClick={test}>
          {t('Test')}
        </button>
      )}
      {!isDefault && (
        <button
          type="button"
          class="link"
          {...of(t('Make default'))}
          onClick={() => void bridge.call('PUT /api/default-provider', { id })}
        >
          {t('Make default')}
        </button>
      )}
      <button type="button" class="link" {...of(t('Remove'))} onClick={() => forms.remove(id)}>
        {t('Remove')}
      </button>
    </span>
  );
}

function standing(provider: Provider): readonly [Tone, string] {
  const { credential, unusable } = provider;
  if (unusable !== undefined) return ['bad', t('Cannot be used')];
  switch (credential.kind) {
    case 'none':
      return credential.needed ? ['bad', t('Key missing')] : ['good', t('No key')];
    case 'literal':
      return ['good', t('Key in config.json, …{0}', credential.lastFour)];
    case 'environment':
      return credential.set
        ? ['good', t('Key from {0}', credential.variable)]
        : ['bad', t('{0} is not set', credential.variable)];
    case 'vault':
      return credential.set ? ['good', t('Key in the secret store')] : ['bad', t('Key missing')];
    case 'forward':
      return ['good', t('ChatGPT login of Codex')];
    case 'login':
      if (credential.problem !== undefined) return ['bad', credential.problem];
      return credential.set
        ? ['good', credential.account ?? t('Signed in')]
        : ['bad', t('Not signed in')];
  }
}

function modelsText({ models, listedAt }: Provider): string {
  const count = models === 1 ? t('1 model') : t('{0} models', models);
  return listedAt === undefined ? count : t('{0}, listed {1}', count, formatTime(listedAt));
}

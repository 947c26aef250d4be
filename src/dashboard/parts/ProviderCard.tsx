import { useState } from 'preact/hooks';
import type { ApiAnswer } from '../../link/api.ts';
import { type Bridge, useBridge } from '../bridge.ts';
import { formatTime } from '../format.ts';
import { t } from '../l10n.ts';
import { useAction } from '../useAction.ts';
import { Badge } from './Badge.tsx';
import { useForms } from './forms.ts';
import { ProxyText } from './ProxyText.tsx';
import { standing } from './providerStanding.ts';

type Provider = ApiAnswer<'GET /api/providers'>['providers'][number];
type Check = ApiAnswer<'POST /api/providers/:id/test'>;

/** One of the user's providers: how it stands, and everything that can be done with it. */
export function ProviderCard({ provider }: { provider: Provider }) {
  const bridge = useBridge();
  const change = useAction();
  const [check, setCheck] = useState<Check | 'running'>();
  const { id, label, isDefault, enabled, unusable, lastError, listError } = provider;
  const off = enabled === false;
  const [tone, word] = standing(provider);
  const test = async (): Promise<void> => {
    setCheck('running');
    setCheck(await tested(bridge, id));
  };
  return (
    <li class={off ? 'card provider off' : 'card provider'}>
      <div class="heading">
        <h3>{label}</h3>
        {label !== id && <code>{id}</code>}
        <Badge tone={tone} text={word} />
        {isDefault && <span class="tag">{t('default')}</span>}
      </div>
      <p class="quiet">
        {provider.baseUrl} · {provider.adapter}
        {!off && <> · {modelsText(provider)}</>}
        {provider.headers.length > 0 && <> · {t('headers: {0}', provider.headers.join(', '))}</>}
      </p>
      {!off && listError !== undefined && <Reason name={t('Model list:')} text={listError} />}
      {!off && unusable !== undefined && <Reason text={unusable} />}
      {!off && lastError !== undefined && <Reason name={t('Newest failure:')} text={lastError} />}
      {change.problem !== undefined && <Reason text={change.problem} />}
      <p role="status" class="check">
        {check === 'running' && t('Asking {0} …', label)}
        {check !== undefined && check !== 'running' && <Verdict check={check} />}
      </p>
      <Buttons
        provider={provider}
        busy={change.busy || check === 'running'}
        test={() => void test()}
        makeDefault={() => void change.run(() => bridge.call('PUT /api/default-provider', { id }))}
        enable={(on) => {
          // The entry says nothing of it where it is on, as with everything that is usual.
          const entry = { enabled: on ? null : false };
          void change.run(() => bridge.call('PUT /api/providers/:id', { id, entry }));
        }}
      />
    </li>
  );
}

function Reason({ name, text }: { name?: string; text: string }) {
  return (
    <p class="sentence">
      {name !== undefined && <span class="quiet">{name} </span>}
      <ProxyText>{text}</ProxyText>
    </p>
  );
}

async function tested(bridge: Bridge, id: string): Promise<Check> {
  const result = await bridge.call('POST /api/providers/:id/test', { id });
  return result.ok ? result.value : { result: 'unknown', message: result.message };
}

function Verdict({ check }: { check: Check }) {
  const text = <ProxyText>{check.message}</ProxyText>;
  switch (check.result) {
    case 'valid':
      return <Badge tone="good" text={text} />;
    case 'refused':
      return <Badge tone="bad" text={text} />;
    case 'unknown':
      return <Badge tone="plain" text={text} />;
  }
}

interface ButtonsProps {
  readonly provider: Provider;
  readonly busy: boolean;
  readonly test: () => void;
  readonly makeDefault: () => void;
  readonly enable: (on: boolean) => void;
}

function Buttons({ provider, busy, test, makeDefault, enable }: ButtonsProps) {
  const bridge = useBridge();
  const forms = useForms();
  const { id, label, authMode, credential, isDefault, keyPage, enabled } = provider;
  const on = enabled !== false;
  const button = (title: string, act: () => void, waits = false) => (
    <button
      key={title}
      type="button"
      class="link"
      aria-label={`${title}: ${label}`}
      aria-disabled={waits}
      onClick={waits ? undefined : act}
    >
      {title}
    </button>
  );
  return (
    <p class="actions">
      {authMode === 'key' && button(t('Set key'), () => forms.setKey(id))}
      {authMode === 'key' &&
        keyPage !== undefined &&
        button(t('Key page'), () => bridge.open(keyPage))}
      {authMode === 'oauth' && button(t('Sign in'), () => forms.signIn(id))}
      {credential.kind === 'login' &&
        credential.set &&
        button(t('Sign out'), () => forms.signOut(id))}
      {on && authMode !== 'forward' && button(t('Test'), test, busy)}
      {button(t('Edit'), () => forms.edit(id))}
      {on && !isDefault && button(t('Make default'), makeDefault, busy)}
      {button(on ? t('Switch off') : t('Switch on'), () => enable(!on), busy)}
      {button(t('Remove'), () => forms.remove(id))}
    </p>
  );
}

function modelsText({ models, listedAt }: Provider): string {
  const count = models === 1 ? t('1 model') : t('{0} models', models);
  return listedAt === undefined ? count : t('{0}, listed {1}', count, formatTime(listedAt));
}

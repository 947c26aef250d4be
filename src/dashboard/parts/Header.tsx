import { useEffect, useState } from 'preact/hooks';
import type { ApiAnswer } from '../../link/api.ts';
import type { ProxyState } from '../../link/state.ts';
import { useBridge } from '../bridge.ts';
import { t } from '../l10n.ts';
import { Action } from './Action.tsx';
import { Badge, type Tone } from './Badge.tsx';
import { Logo } from './Logo.tsx';
import { Notice } from './Notice.tsx';
import { ProxyText } from './ProxyText.tsx';

/** Name, state, and what is wrong: on top of every page. */
export function Header({ state: served }: { state: ApiAnswer<'GET /api/state'> | undefined }) {
  const state = useOwnProxy() ?? served?.state;
  const configError = served?.configError;
  return (
    <header>
      <div class="title">
        <Logo />
        <h1>OpenCodex</h1>
        {state !== undefined && <StateBadge state={state} />}
        <span class="spring" />
        <Action command="checkSetup" kind="link" title={t('Check Setup')} />
        <Action command="showLog" kind="link" title={t('Show Log')} />
      </div>
      {state?.status === 'failed' && (
        <Notice kind="error">
          <ProxyText>{state.failure.message}</ProxyText>{' '}
          <Action command="restartProxy" kind="link" title={t('Restart')} />{' '}
          {state.failure.kind === 'port_in_use' && (
            <Action command="changePort" kind="link" title={t('Change Port')} />
          )}
        </Notice>
      )}
      {state?.status === 'stopped' && (
        <Notice kind="warning">
          {t('The proxy is stopped: Codex gets no answer through it.')}{' '}
          <Action command="startProxy" kind="link" title={t('Start')} />
        </Notice>
      )}
      {configError !== undefined && (
        <Notice kind="warning">
          <ProxyText>{configError}</ProxyText> {t('The last good config stays in force.')}{' '}
          <Action command="openConfig" kind="link" title={t('Open Config File')} />
        </Notice>
      )}
    </header>
  );
}

/** The proxy of this window, also while it does not answer; a browser has none. */
function useOwnProxy(): ProxyState | undefined {
  const bridge = useBridge();
  const [state, setState] = useState<ProxyState>();
  useEffect(
    () =>
      bridge.onEvent((event) => {
        if (event.type === 'proxy') setState(event.state);
      }),
    [bridge],
  );
  return state;
}

function StateBadge({ state }: { state: ProxyState }) {
  const [tone, text] = badge(state);
  return <Badge tone={tone} text={text} />;
}

function badge(state: ProxyState): readonly [Tone, string] {
  switch (state.status) {
    case 'listening':
      return ['good', t('Running')];
    case 'elsewhere':
      return ['good', t('Running in another window')];
    case 'starting':
      return ['plain', t('Starting')];
    case 'stopped':
      return ['plain', t('Stopped')];
    case 'failed':
      return ['bad', t('Not running')];
  }
}

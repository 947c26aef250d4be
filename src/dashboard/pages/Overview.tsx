import type { ComponentChildren } from 'preact';
import type { ApiAnswer } from '../../link/api.ts';
import { useBridge } from '../bridge.ts';
import { formatCount, formatDuration, formatShare, formatShort, formatTime } from '../format.ts';
import { t } from '../l10n.ts';
import { Action } from '../parts/Action.tsx';
import { Badge, type Tone } from '../parts/Badge.tsx';
import { Checklist } from '../parts/Checklist.tsx';
import { Figure } from '../parts/Figure.tsx';
import { Problem } from '../parts/Problem.tsx';
import { ProxyText } from '../parts/ProxyText.tsx';
import { Ring } from '../parts/Ring.tsx';
import type { Tab } from '../tabs.ts';
import { useAnswer } from '../useAnswer.ts';

type State = ApiAnswer<'GET /api/state'>;

interface OverviewProps {
  /** `undefined` before the first answer. */
  readonly state: State | undefined;
  readonly problem: string | undefined;
  readonly show: (tab: Tab) => void;
}

/** How a request goes, from Codex to the model, with the command that changes each part of it. */
export function Overview({ state, problem, show }: OverviewProps) {
  const providers = useAnswer('GET /api/providers', {}, ['config', 'accounts', 'models']);
  if (state === undefined) return <Problem text={problem} />;
  return (
    <>
      <Checklist state={state} providers={providers.value?.providers} />
      <Path state={state} show={show} />
      <LastDay totals={state.last24Hours} />
      {state.lastFailure !== undefined && (
        <section aria-labelledby="last-failure">
          <h2 id="last-failure">{t('Last failure')}</h2>
          <p>
            <span class="quiet time">{formatTime(state.lastFailure.at)}</span>{' '}
            <code>{state.lastFailure.model}</code>
          </p>
          <p class="reading">
            <ProxyText>{state.lastFailure.message}</ProxyText>
          </p>
          <p>
            <button type="button" class="link" onClick={() => show('requests')}>
              {t('Show requests')}
            </button>
          </p>
        </section>
      )}
    </>
  );
}

/** Three stations in a row; the lines between them say whether requests can pass. */
function Path({ state, show }: { state: State; show: (tab: Tab) => void }) {
  const serving = state.state.status === 'listening' || state.state.status === 'elsewhere';
  const busy = state.activity.active > 0;
  return (
    <ol class={busy ? 'path flowing' : 'path'} aria-label={t('The way of a request')}>
      <CodexStation state={state} open={serving && state.codex.kind === 'connected'} />
      <ProxyStation state={state} open={serving} />
      <ModelStation state={state} show={show} />
    </ol>
  );
}

interface StationProps {
  readonly name: string;
  /** Requests pass on from here. */
  readonly open?: boolean;
  readonly children: ComponentChildren;
}

function Station({ name, open, children }: StationProps) {
  return (
    <li class={`card station ${open === undefined ? '' : open ? 'open' : 'closed'}`}>
      <h2>{name}</h2>
      {children}
    </li>
  );
}

function CodexStation({ state, open }: { state: State; open: boolean }) {
  const { tone, word, says } = codexTexts(state.codex);
  const { kind } = state.codex;
  return (
    <Station name="Codex" open={open}>
      <p>
        <Badge tone={tone} text={word} />
      </p>
      <p class="quiet">{says}</p>
      <p class="actions">
        {kind !== 'connected' && kind !== 'unreadable' && (
          <Action
            command="connectCodex"
            kind={kind === 'outdated' ? 'primary' : 'secondary'}
            title={kind === 'outdated' ? t('Update Connection') : t('Connect Codex')}
          />
        )}
        {(kind === 'connected' || kind === 'outdated') && (
          <Action command="disconnectCodex" kind="secondary" title={t('Disconnect Codex')} />
        )}
      </p>
    </Station>
  );
}

interface CodexTexts {
  readonly tone: Tone;
  readonly word: string;
  readonly says: string;
}

function codexTexts(codex: State['codex']): CodexTexts {
  switch (codex.kind) {
    case 'connected':
      return {
        tone: 'good',
        word: t('Connected'),
        says: t('Codex sends its turns here. Disconnecting restores its config file.'),
      };
    case 'outdated':
      return {
        tone: 'bad',
        word: t('Out of date'),
        says: t('Its config file names another port or access token, so it gets no answer.'),
      };
    case 'dormant':
      return {
        tone: 'plain',
        word: t('Not connected'),
        says: t('New threads go to OpenAI; threads that were made here can still be resumed.'),
      };
    case 'disconnected':
      return {
        tone: 'plain',
        word: t('Not connected'),
        says: t('You see the lines for its config file before they are written.'),
      };
    case 'unreadable':
      return {
        tone: 'bad',
        word: t('Not known'),
        says: codex.message ?? t('Its config file cannot be read.'),
      };
  }
}

function ProxyStation({ state, open }: { state: State; open: boolean }) {
  const bridge = useBridge();
  const proxy = state.state;
  const address =
    proxy.status === 'listening' || proxy.status === 'elsewhere'
      ? `http://127.0.0.1:${proxy.port}/v1`
      : undefined;
  return (
    <Station name={t('Proxy')} open={open}>
      <p>
        {address === undefined ? (
          t('No address is served.')
        ) : (
          <>
            <code>{address}</code>{' '}
            <button type="button" class="link" onClick={() => bridge.copy(address)}>
              {t('Copy')}
            </button>
          </>
        )}
      </p>
      <p class="quiet" aria-live="polite">
        {t(
          '{0} running, {1} answered since the start',
          state.activity.active,
          state.activity.served,
        )}
        {state.windows > 0 && (
          <>
            <br />
            {state.windows === 1
              ? t('One more window works with it.')
              : t('{0} more windows work with it.', state.windows)}
          </>
        )}
      </p>
      <p class="actions">
        <Action command="restartProxy" kind="secondary" title={t('Restart')} />
        <Action command="stopProxy" kind="secondary" title={t('Stop')} />
      </p>
    </Station>
  );
}

function ModelStation({ state, show }: { state: State; show: (tab: Tab) => void }) {
  const bridge = useBridge();
  const { currentModel, activity } = state;
  const another = activity.lastModel !== undefined && activity.lastModel !== currentModel;
  return (
    <Station name={t('Current model')}>
      <p>
        {currentModel === undefined ? (
          t('The default of {0}', state.defaultProvider)
        ) : (
          <code>{currentModel}</code>
        )}
      </p>
      <p class="quiet">
        {another
          ? t('The newest request went to {0}, as that thread asked for.', activity.lastModel ?? '')
          : t('Applies to the next request; running ones keep their model.')}
      </p>
      <p class="actions">
        <Action command="switchModel" title={t('Switch Model')} kind="secondary" />
        {bridge.kind === 'browser' && (
          <button type="button" class="secondary" onClick={() => show('models')}>
            {t('Switch Model')}
          </button>
        )}
      </p>
    </Station>
  );
}

function LastDay({ totals }: { totals: State['last24Hours'] }) {
  const { requests, failures, inputTokens, cachedTokens, outputTokens } = totals;
  return (
    <section aria-labelledby="last-day">
      <h2 id="last-day">{t('Last 24 hours')}</h2>
      {requests === 0 ? (
        <p class="quiet">{t('No requests yet. Connect Codex and give it a task.')}</p>
      ) : (
        <dl class="figures">
          <Figure
            name={t('Requests')}
            value={formatCount(requests)}
            remark={failures === 0 ? t('none failed') : t('{0} failed', formatCount(failures))}
          />
          <Figure
            name={t('Input tokens')}
            value={formatShort(inputTokens)}
            remark={t('{0} from cache', formatShare(cachedTokens, inputTokens))}
          >
            <Ring share={inputTokens === 0 ? 0 : cachedTokens / inputTokens} />
          </Figure>
          <Figure name={t('Output tokens')} value={formatShort(outputTokens)} />
          <Figure
            name={t('First token')}
            value={formatDuration(totals.medianFirstTokenMs)}
            remark={t('median')}
          />
        </dl>
      )}
    </section>
  );
}

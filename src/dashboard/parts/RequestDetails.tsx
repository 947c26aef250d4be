import { Fragment } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { RequestDetail } from '../../link/api/requestsApi.ts';
import type { ProxyState } from '../../link/state.ts';
import { useBridge } from '../bridge.ts';
import { formatCount, formatDuration, formatShare, formatTime } from '../format.ts';
import { t } from '../l10n.ts';
import { useAnswer } from '../useAnswer.ts';
import type { Request } from '../useRequests.ts';
import { Badge } from './Badge.tsx';
import { curlCommand } from './curlCommand.ts';
import { ProxyText } from './ProxyText.tsx';
import { statusTone, statusWord } from './requestStatus.ts';
import { Timeline } from './Timeline.tsx';

interface DetailsProps {
  readonly request: Request;
  readonly proxy: ProxyState | undefined;
  /** The user has just opened it, and goes on reading here. */
  readonly isAsked: boolean;
  readonly onClose: () => void;
}

/** What one request went through. */
export function RequestDetails({ request, proxy, isAsked, onClose }: DetailsProps) {
  const bridge = useBridge();
  const heading = useRef<HTMLHeadingElement>(null);
  const asked = useAnswer('GET /api/requests/:id', { id: request.id }, ['requests']);
  const detail = asked.value;
  const port = proxy !== undefined && 'port' in proxy ? proxy.port : undefined;
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    if (!isAsked) return;
    opener.current = document.activeElement;
    heading.current?.focus();
  }, [isAsked]);
  const close = (): void => {
    onClose();
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  return (
    <section class="card details" aria-labelledby="details">
      <div class="heading">
        <h2 id="details" ref={heading} tabIndex={-1}>
          {request.model || t('Request')}
        </h2>
        <Badge tone={statusTone(request.status)} text={statusWord(request.status)} />
        <span class="spring" />
        {port !== undefined && (
          <button
            type="button"
            class="link"
            onClick={() => bridge.copy(curlCommand(port, request.model))}
          >
            {t('Copy as cURL, without a key')}
          </button>
        )}
        <button type="button" class="link" onClick={close}>
          {t('Close')}
        </button>
      </div>
      {request.error !== undefined && (
        <p>
          <ProxyText>{request.error}</ProxyText>
        </p>
      )}
      <Timeline firstTokenMs={request.firstTokenMs} totalMs={request.totalMs} />
      <dl class="facts">
        <dt>{t('Started')}</dt>
        <dd>{formatTime(request.startedAt)}</dd>
        <dt>{t('Request')}</dt>
        <dd>
          <code>{request.id}</code>
        </dd>
        <dt>{t('Tokens')}</dt>
        <dd>
          <Tokens request={request} />
        </dd>
      </dl>
      {detail === undefined && asked.problem !== undefined && (
        <p class="quiet">
          <ProxyText>{asked.problem}</ProxyText>
        </p>
      )}
      {detail !== undefined && (
        <>
          <Steps
            title={t('What happened')}
            steps={detail.timeline.map(({ at, what }) => `${formatDuration(at)}: ${what}`)}
          />
          <Steps
            title={t('Tries before')}
            steps={(detail.attempts ?? []).flatMap(({ model, error }) =>
              error === undefined ? [] : [`${model}: ${error}`],
            )}
          />
          <Steps
            title={t('Calls beside the turn')}
            steps={detail.sidecars.map(
              ({ kind, ms, error }) =>
                `${kind}, ${formatDuration(ms)}${error === undefined ? '' : `: ${error}`}`,
            )}
          />
          <Additions additions={detail.additions} />
        </>
      )}
    </section>
  );
}

function Tokens({ request }: { request: Request }) {
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens = 0 } = request;
  if (inputTokens + outputTokens === 0) return <>–</>;
  return (
    <>
      {t(
        '{0} in, {1} of it from cache ({2}); {3} out',
        formatCount(inputTokens),
        formatCount(cachedTokens),
        formatShare(cachedTokens, inputTokens),
        formatCount(outputTokens),
      )}
      {reasoningTokens > 0 && t(', {0} of it reasoning', formatCount(reasoningTokens))}
    </>
  );
}

/** Nothing is hidden: every text of ours that the model got to read. */
function Additions({ additions }: Pick<RequestDetail, 'additions'>) {
  if (additions.length === 0) return null;
  return (
    <>
      <h3>{t('What the proxy added to the prompt')}</h3>
      <dl class="facts">
        {additions.map(({ kind, text, replaces, times }) => (
          <Fragment key={`${kind} ${text}`}>
            <dt>{times === 1 ? kind : `${kind} × ${times}`}</dt>
            <dd>
              “{text}”
              {replaces !== undefined && <p class="quiet">{t('instead of “{0}”', replaces)}</p>}
            </dd>
          </Fragment>
        ))}
      </dl>
    </>
  );
}

function Steps({ title, steps }: { title: string; steps: readonly string[] }) {
  if (steps.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="steps">
        {steps.map((step, at) => (
          <li key={`${at} ${step}`}>
            <ProxyText>{step}</ProxyText>
          </li>
        ))}
      </ul>
    </>
  );
}

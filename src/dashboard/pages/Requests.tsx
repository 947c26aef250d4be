import { useState } from 'preact/hooks';
import type { ProxyState } from '../../link/state.ts';
import { useBridge } from '../bridge.ts';
import { formatCount, formatDuration, formatTime } from '../format.ts';
import { t } from '../l10n.ts';
import { Badge } from '../parts/Badge.tsx';
import { Choice } from '../parts/Choice.tsx';
import { type Column, LongTable } from '../parts/LongTable.tsx';
import { Problem } from '../parts/Problem.tsx';
import { RequestDetails } from '../parts/RequestDetails.tsx';
import { statusTone, statusWord } from '../parts/requestStatus.ts';
import { Search } from '../parts/Search.tsx';
import { matches } from '../search.ts';
import { useAction } from '../useAction.ts';
import { isText, oneOf, useMemory } from '../useMemory.ts';
import { type Request, useRequests } from '../useRequests.ts';

const filters = ['all', 'running', 'failed'] as const;
type Filter = (typeof filters)[number];
const isFilter = oneOf(filters);

/** Every request as it goes: never what was said in it. */
export function Requests({ proxy }: { proxy: ProxyState | undefined }) {
  const bridge = useBridge();
  const clear = useAction();
  const [paused, setPaused] = useState(false);
  const [text, setText] = useMemory('requests.search', '', isText);
  const [filter, setFilter] = useMemory<Filter>('requests.filter', 'all', isFilter);
  const [opened, setOpened] = useMemory('requests.opened', '', isText);
  const [asked, setAsked] = useState(false);
  const { list, problem = clear.problem } = useRequests(paused);
  const rows = (list ?? []).filter(
    ({ id, model, error, status }) =>
      (filter === 'all' || status === filter) && matches(text, id, model, error),
  );
  const open = list?.find(({ id }) => id === opened);
  return (
    <>
      <div class="toolbar">
        <Search label={t('Search requests')} text={text} onText={setText} />
        <Choice
          label={t('Show')}
          options={[
            { id: 'all', title: t('All'), ...(list && { count: list.length }) },
            { id: 'running', title: t('Running') },
            { id: 'failed', title: t('Failed') },
          ]}
          selected={filter}
          onSelect={setFilter}
        />
        <span class="actions spring">
          <button
            type="button"
            class="secondary"
            aria-pressed={paused}
            onClick={() => setPaused(!paused)}
          >
            {paused ? t('Go on') : t('Pause')}
          </button>
          <button
            type="button"
            class="secondary"
            disabled={rows.length === 0}
            onClick={() => bridge.save('opencodex-requests.jsonl', asJsonLines(rows))}
          >
            {t('Export')}
          </button>
          <button
            type="button"
            class="secondary"
            disabled={list === undefined || list.length === 0}
            onClick={() => void clear.run(() => bridge.call('DELETE /api/requests', {}))}
          >
            {t('Clear')}
          </button>
        </span>
      </div>
      <Problem text={problem} />
      {paused && <p class="quiet">{t('Paused: newer requests are not shown.')}</p>}
      {list !== undefined && rows.length === 0 && (
        <p class="quiet empty">
          {list.length === 0
            ? t('No requests yet. Connect Codex and give it a task.')
            : t('Nothing matches.')}
        </p>
      )}
      {rows.length > 0 && (
        <LongTable
          label={t('Requests')}
          columns={columns()}
          rows={rows}
          keyOf={({ id }) => id}
          opened={opened}
          onOpen={({ id }) => {
            setAsked(true);
            setOpened(id === opened ? '' : id);
          }}
          short={open !== undefined}
        />
      )}
      {open !== undefined && (
        <RequestDetails
          key={open.id}
          request={open}
          proxy={proxy}
          isAsked={asked}
          onClose={() => setOpened('')}
        />
      )}
    </>
  );
}

function columns(): readonly Column<Request>[] {
  return [
    { id: 'time', title: t('Time'), width: 132, cell: ({ startedAt }) => formatTime(startedAt) },
    {
      id: 'model',
      title: t('Model'),
      cell: ({ model }) => model || '–',
      whole: ({ model }) => model,
    },
    {
      id: 'status',
      title: t('Status'),
      width: 124,
      cell: ({ status }) => <Badge tone={statusTone(status)} text={statusWord(status)} />,
    },
    {
      id: 'first',
      title: t('First token'),
      width: 104,
      number: true,
      cell: ({ firstTokenMs }) => formatDuration(firstTokenMs),
    },
    {
      id: 'total',
      title: t('Total'),
      width: 104,
      number: true,
      cell: ({ totalMs }) => formatDuration(totalMs),
    },
    {
      id: 'input',
      title: t('Input'),
      width: 96,
      number: true,
      cell: ({ inputTokens }) => formatCount(inputTokens),
    },
    {
      id: 'cached',
      title: t('Cached'),
      width: 96,
      number: true,
      cell: ({ cachedTokens }) => formatCount(cachedTokens),
    },
    {
      id: 'output',
      title: t('Output'),
      width: 96,
      number: true,
      cell: ({ outputTokens }) => formatCount(outputTokens),
    },
  ];
}

function asJsonLines(rows: readonly Request[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

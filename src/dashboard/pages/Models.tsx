import { useState } from 'preact/hooks';
import type { ApiAnswer } from '../../link/api.ts';
import { useBridge } from '../bridge.ts';
import { formatPrice, formatShort } from '../format.ts';
import { t } from '../l10n.ts';
import { type Column, LongTable, type Sorting, sorted } from '../parts/LongTable.tsx';
import { Notice } from '../parts/Notice.tsx';
import { matches, Search } from '../parts/Search.tsx';
import { SidecarSettings } from '../parts/SidecarSettings.tsx';
import { SubagentSlots } from '../parts/SubagentSlots.tsx';
import { useAnswer } from '../useAnswer.ts';
import { isText, useMemory } from '../useMemory.ts';

type Model = ApiAnswer<'GET /api/models'>['models'][number];

/** Every model of every provider: what it can do, and who is offered it. */
export function Models() {
  const bridge = useBridge();
  const models = useAnswer('GET /api/models', {}, ['models', 'config', 'accounts']);
  const subagents = useAnswer('GET /api/subagent-models', {}, ['models', 'config']);
  const [text, setText] = useMemory('models.search', '', isText);
  const [sorting, setSorting] = useState<Sorting>({ column: '', descending: false });
  const [failure, setFailure] = useState<string>();
  const [refreshing, setRefreshing] = useState(false);
  const [change, setChange] = useState<Change>();
  const [switched, setSwitched] = useState<ReadonlyMap<string, boolean>>(new Map());

  const problem = failure ?? models.problem ?? subagents.problem;
  const act = async (result: Promise<{ ok: boolean; message?: string }>): Promise<void> => {
    const { ok, message } = await result;
    setFailure(ok ? undefined : message);
    await models.reload();
  };
  const refresh = async (): Promise<void> => {
    setRefreshing(true);
    await act(bridge.call('POST /api/models/refresh', {}));
    setRefreshing(false);
  };
  const slots = withChange(subagents.value, change);
  const chosen = slots?.chosen ?? slots?.effective ?? [];
  const choose = async (list: readonly string[] | null): Promise<void> => {
    // Shown at once: the next choice builds on this one, not on what the proxy said before.
    setChange({ models: list });
    const input = { models: list === null ? null : [...list] };
    const result = await bridge.call('PUT /api/subagent-models', input);
    setFailure(result.ok ? undefined : result.message);
    await subagents.reload();
    setChange((newest) => (newest?.models === list ? undefined : newest));
  };
  const offer = async (id: string, on: boolean): Promise<void> => {
    setSwitched((all) => new Map(all).set(id, on));
    const input = on ? { enable: [id] } : { disable: [id] };
    await act(bridge.call('PUT /api/disabled-models', input));
    setSwitched((all) => new Map([...all].filter(([other, to]) => other !== id || to !== on)));
  };
  const columns = columnsFor({
    subagents: chosen,
    most: slots?.most ?? 5,
    use: (model) => void act(bridge.call('PUT /api/current-model', { model: model.id })),
    isOffered: ({ id, enabled }) => switched.get(id) ?? enabled,
    offer: ({ id }, on) => void offer(id, on),
    addSubagent: (model) => void choose([...chosen, model.id]),
  });
  const all = models.value?.models ?? [];
  const rows = sorted(
    all.filter(({ id, label }) => matches(text, id, label)),
    columns,
    sorting,
  );
  const stale = (models.value?.lists ?? []).filter(({ error }) => error !== undefined);
  return (
    <>
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      {slots !== undefined && (
        <SubagentSlots answer={slots} onChange={(list) => void choose(list)} />
      )}
      <section aria-labelledby="models">
        <div class="toolbar">
          <h2 id="models">{t('Models')}</h2>
          <Search label={t('Search models')} text={text} onText={setText} />
          <span class="quiet" role="status">
            {t('{0} of {1}', rows.length, all.length)}
          </span>
          <span class="spring" />
          <button
            type="button"
            class="secondary"
            disabled={refreshing}
            onClick={() => void refresh()}
          >
            {refreshing ? t('Refreshing …') : t('Refresh')}
          </button>
        </div>
        {stale.length > 0 && (
          <details class="quiet">
            <summary>{t('Lists that are not up to date: {0}', stale.length)}</summary>
            <ul class="steps">
              {stale.map(({ provider, error }) => (
                <li key={provider}>{error}</li>
              ))}
            </ul>
          </details>
        )}
        {all.length === 0 && models.value !== undefined ? (
          <p class="quiet">{t('No models yet. Add a provider first.')}</p>
        ) : (
          <LongTable
            label={t('List of models')}
            columns={columns}
            rows={rows}
            keyOf={({ id }) => id}
            sorting={sorting}
            onSort={setSorting}
          />
        )}
      </section>
      <SidecarSettings />
    </>
  );
}

type Slots = ApiAnswer<'GET /api/subagent-models'>;

/** What the user has chosen and the proxy has not confirmed yet. */
interface Change {
  readonly models: readonly string[] | null;
}

function withChange(slots: Slots | undefined, change: Change | undefined): Slots | undefined {
  if (slots === undefined || change === undefined) return slots;
  const { chosen: _, ...rest } = slots;
  return change.models === null ? rest : { ...rest, chosen: change.models };
}

interface ModelActions {
  readonly subagents: readonly string[];
  readonly most: number;
  use(model: Model): void;
  isOffered(model: Model): boolean;
  offer(model: Model, on: boolean): void;
  addSubagent(model: Model): void;
}

function columnsFor(actions: ModelActions): readonly Column<Model>[] {
  return [
    { id: 'id', title: t('Model'), sortBy: ({ id }) => id, cell: ({ id }) => id },
    {
      id: 'context',
      title: t('Context'),
      number: true,
      sortBy: ({ contextWindow = 0 }) => contextWindow,
      cell: ({ contextWindow }) => tokens(contextWindow),
    },
    {
      id: 'output',
      title: t('Output'),
      number: true,
      sortBy: ({ maxOutputTokens = 0 }) => maxOutputTokens,
      cell: ({ maxOutputTokens }) => tokens(maxOutputTokens),
    },
    { id: 'tools', title: t('Tools'), cell: ({ tools }) => yesNo(tools) },
    { id: 'images', title: t('Images'), cell: ({ vision }) => yesNo(vision) },
    {
      id: 'reasoning',
      title: t('Reasoning'),
      cell: ({ reasoning, efforts }) =>
        efforts === undefined || efforts.length === 0 ? yesNo(reasoning) : efforts.join(' '),
    },
    {
      id: 'price',
      title: t('Price per million'),
      number: true,
      sortBy: ({ price }) => price?.output ?? -1,
      cell: ({ price }) => priceText(price),
    },
    {
      id: 'offered',
      title: t('Offered'),
      cell: (model) => (
        <input
          type="checkbox"
          aria-label={t('Offer {0} in Codex', model.id)}
          checked={actions.isOffered(model)}
          onChange={(event) => actions.offer(model, event.currentTarget.checked)}
        />
      ),
    },
    {
      id: 'actions',
      title: t('Use'),
      cell: (model) => (
        <span class="row-actions">
          {model.current ? (
            <span class="tag">{t('current')}</span>
          ) : (
            <button
              type="button"
              class="link"
              aria-label={t('Switch to {0}', model.id)}
              onClick={() => actions.use(model)}
            >
              {t('Switch')}
            </button>
          )}
          {!actions.subagents.includes(model.id) && actions.subagents.length < actions.most && (
            <button
              type="button"
              class="link"
              aria-label={`${t('+ sub-agent')}: ${model.id}`}
              onClick={() => actions.addSubagent(model)}
            >
              {t('+ sub-agent')}
            </button>
          )}
        </span>
      ),
    },
  ];
}

function tokens(count: number | undefined): string {
  return count === undefined ? '–' : formatShort(count);
}

function yesNo(value: boolean | undefined): string {
  if (value === undefined) return '–';
  return value ? t('yes') : t('no');
}

function priceText(price: Model['price']): string {
  if (price?.input === undefined || price.output === undefined) return '–';
  return `${formatPrice(price.input)} / ${formatPrice(price.output)}`;
}

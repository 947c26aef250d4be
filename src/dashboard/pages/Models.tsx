import { useState } from 'preact/hooks';
import { useBridge } from '../bridge.ts';
import { formatCount } from '../format.ts';
import { t } from '../l10n.ts';
import { LongTable } from '../parts/LongTable.tsx';
import { modelColumns } from '../parts/modelColumns.tsx';
import { Problem } from '../parts/Problem.tsx';
import { ProxyText } from '../parts/ProxyText.tsx';
import { Search } from '../parts/Search.tsx';
import { SidecarSettings } from '../parts/SidecarSettings.tsx';
import { SubagentSlots } from '../parts/SubagentSlots.tsx';
import { matches } from '../search.ts';
import { type Sorting, sorted } from '../sorting.ts';
import { useAction } from '../useAction.ts';
import { useAnswer } from '../useAnswer.ts';
import { isText, useMemory } from '../useMemory.ts';
import { useSubagents } from '../useSubagents.ts';
import { useSwitches } from '../useSwitches.ts';

/** Every model of every provider: what it can do, and who is offered it. */
export function Models() {
  const bridge = useBridge();
  const models = useAnswer('GET /api/models', {}, ['models', 'config', 'accounts']);
  const action = useAction();
  const refresh = useAction();
  const subagents = useSubagents(action);
  const codex = useSwitches();
  const chat = useSwitches();
  const [text, setText] = useMemory('models.search', '', isText);
  const [sorting, setSorting] = useState<Sorting>({ column: '', descending: false });

  const act = async (operation: Parameters<typeof action.run>[0]): Promise<void> => {
    await action.run(operation);
    await models.reload();
  };
  const renew = async (): Promise<void> => {
    if (refresh.busy) return;
    await refresh.run(() => bridge.call('POST /api/models/refresh', {}));
    await models.reload();
  };
  const { slots } = subagents;
  const chosen = slots?.chosen ?? slots?.effective ?? [];
  const columns = modelColumns({
    subagents: chosen,
    most: slots?.most ?? 5,
    use: ({ id: model }) => void act(() => bridge.call('PUT /api/current-model', { model })),
    inCodex: ({ id, enabled }) => codex.isOn(id, enabled),
    showInCodex: ({ id }, on) => {
      const input = on ? { enable: [id] } : { disable: [id] };
      void codex.set(id, on, () => act(() => bridge.call('PUT /api/disabled-models', input)));
    },
    inChat: ({ id, chatHidden }) => chat.isOn(id, !chatHidden),
    showInChat: ({ id }, on) => {
      const input = on ? { show: [id] } : { hide: [id] };
      void chat.set(id, on, () => act(() => bridge.call('PUT /api/chat-models', input)));
    },
    addSubagent: ({ id }) => void subagents.choose([...chosen, id]),
  });
  const all = models.value?.models ?? [];
  const rows = sorted(
    all.filter(({ id, label }) => matches(text, id, label)),
    columns,
    sorting,
  );
  const stale = (models.value?.lists ?? []).filter(({ error }) => error !== undefined);
  const problem = action.problem ?? refresh.problem ?? models.problem ?? subagents.problem;
  return (
    <>
      <Problem text={problem} />
      {slots !== undefined && (
        <SubagentSlots answer={slots} onChange={(list) => void subagents.choose(list)} />
      )}
      <section aria-labelledby="models">
        <div class="toolbar">
          <h2 id="models">{t('Models')}</h2>
          <Search label={t('Search models')} text={text} onText={setText} />
          <span class="quiet" role="status">
            {t('{0} of {1}', formatCount(rows.length), formatCount(all.length))}
          </span>
          <span class="spring" />
          <button
            type="button"
            class="secondary"
            aria-disabled={refresh.busy}
            onClick={() => void renew()}
          >
            {refresh.busy ? t('Refreshing …') : t('Refresh')}
          </button>
        </div>
        {stale.length > 0 && (
          <details class="quiet">
            <summary>{t('Lists that are not up to date: {0}', stale.length)}</summary>
            <ul class="steps">
              {stale.map(({ provider, error }) => (
                <li key={provider}>
                  <ProxyText>{error}</ProxyText>
                </li>
              ))}
            </ul>
          </details>
        )}
        {rows.length === 0 && models.value !== undefined ? (
          <p class="quiet empty">
            {all.length === 0 ? t('No models yet. Add a provider first.') : t('Nothing matches.')}
          </p>
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

import type { ApiAnswer } from '../../link/api.ts';
import { formatPrice, formatShort } from '../format.ts';
import { t } from '../l10n.ts';
import type { Column } from './LongTable.tsx';

export type Model = ApiAnswer<'GET /api/models'>['models'][number];

export interface ModelActions {
  readonly subagents: readonly string[];
  readonly most: number;
  use(model: Model): void;
  inCodex(model: Model): boolean;
  showInCodex(model: Model, on: boolean): void;
  inChat(model: Model): boolean;
  showInChat(model: Model, on: boolean): void;
  addSubagent(model: Model): void;
}

/** What a model can do, where it is shown, and what can be done with it. */
export function modelColumns(actions: ModelActions): readonly Column<Model>[] {
  return [
    {
      id: 'id',
      title: t('Model'),
      sortBy: ({ id }) => id,
      cell: ({ id }) => id,
      whole: ({ id }) => id,
    },
    {
      id: 'context',
      title: t('Context'),
      width: 84,
      number: true,
      sortBy: ({ contextWindow = 0 }) => contextWindow,
      cell: ({ contextWindow }) => tokens(contextWindow),
    },
    {
      id: 'output',
      title: t('Output'),
      width: 80,
      number: true,
      sortBy: ({ maxOutputTokens = 0 }) => maxOutputTokens,
      cell: ({ maxOutputTokens }) => tokens(maxOutputTokens),
    },
    { id: 'tools', title: t('Tools'), width: 64, cell: ({ tools }) => yesNo(tools) },
    { id: 'images', title: t('Images'), width: 72, cell: ({ vision }) => yesNo(vision) },
    {
      id: 'reasoning',
      title: t('Reasoning'),
      width: 124,
      cell: reasoningText,
      whole: ({ efforts = [] }) => efforts.join(' '),
    },
    {
      id: 'price',
      title: t('Price per million'),
      width: 132,
      number: true,
      sortBy: ({ price }) => price?.output ?? -1,
      cell: ({ price }) => priceText(price),
    },
    {
      id: 'codex',
      title: t('Codex'),
      width: 64,
      cell: (model) => (
        <input
          type="checkbox"
          aria-label={t('Show {0} in Codex', model.id)}
          checked={actions.inCodex(model)}
          onChange={(event) => actions.showInCodex(model, event.currentTarget.checked)}
        />
      ),
    },
    {
      id: 'chat',
      title: t('Chat'),
      width: 56,
      cell: (model) =>
        model.chat === false ? (
          <span title={t('It needs the login that Codex sends, or is VS Code’s own.')}>–</span>
        ) : (
          <input
            type="checkbox"
            aria-label={t('Show {0} in VS Code Chat', model.id)}
            checked={actions.inChat(model)}
            onChange={(event) => actions.showInChat(model, event.currentTarget.checked)}
          />
        ),
    },
    { id: 'actions', title: t('Use'), width: 184, cell: (model) => use(model, actions) },
  ];
}

function use(model: Model, actions: ModelActions) {
  const isFree = !actions.subagents.includes(model.id) && actions.subagents.length < actions.most;
  return (
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
      {isFree && (
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
  );
}

/** `low – max`: what is between them is in the tooltip. */
function reasoningText({ reasoning, efforts = [] }: Model): string {
  const [least] = efforts;
  const most = efforts.at(-1);
  if (least === undefined || most === undefined) return yesNo(reasoning);
  return least === most ? least : `${least} – ${most}`;
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

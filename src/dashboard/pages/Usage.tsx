import { useBridge } from '../bridge.ts';
import { formatCount, formatMoney, formatShare, formatShort } from '../format.ts';
import { t } from '../l10n.ts';
import { Choice } from '../parts/Choice.tsx';
import { DayBars } from '../parts/DayBars.tsx';
import { Figure } from '../parts/Figure.tsx';
import { Problem } from '../parts/Problem.tsx';
import { Ring } from '../parts/Ring.tsx';
import { ScrollBox } from '../parts/ScrollBox.tsx';
import { type ModelUsage, tokensOf, type UsageRow, usageByModel, usageCsv } from '../usage.ts';
import { useAnswer } from '../useAnswer.ts';
import { oneOf, useMemory } from '../useMemory.ts';

const spans = ['14', '30', '90'] as const;
type Span = (typeof spans)[number];
const isSpan = oneOf(spans);

/** Tokens by day and model, and what they would cost by list price. */
export function Usage() {
  const bridge = useBridge();
  const [span, setSpan] = useMemory<Span>('usage.days', '14', isSpan);
  const usage = useAnswer('GET /api/usage', { days: Number(span) }, ['requests']);
  const models = useAnswer('GET /api/models', {}, ['models']).value?.models ?? [];
  const rows = usage.value?.rows ?? [];
  const byModel = usageByModel(rows, models);
  return (
    <>
      <div class="toolbar">
        <Choice
          label={t('Days')}
          options={spans.map((days) => ({ id: days, title: t('{0} days', days) }))}
          selected={span}
          onSelect={setSpan}
        />
        <span class="spring" />
        <button
          type="button"
          class="secondary"
          disabled={rows.length === 0}
          onClick={() => bridge.save('opencodex-usage.csv', usageCsv(rows))}
        >
          {t('Export as CSV')}
        </button>
      </div>
      <Problem text={usage.problem} />
      {usage.value !== undefined && rows.length === 0 && (
        <p class="quiet empty">{t('Nothing was used in these days.')}</p>
      )}
      {usage.value !== undefined && rows.length > 0 && (
        <>
          <Totals models={byModel} />
          <section aria-labelledby="by-day">
            <h2 id="by-day">{t('Tokens per day')}</h2>
            <DayBars label={t('Tokens per day, by provider')} {...barsOf(usage.value.days, rows)} />
          </section>
          <TopModels models={byModel} />
        </>
      )}
    </>
  );
}

function Totals({ models }: { models: readonly ModelUsage[] }) {
  const total = (of: (model: ModelUsage) => number): number =>
    models.reduce((sum, model) => sum + of(model), 0);
  const input = total(({ inputTokens }) => inputTokens);
  const cached = total(({ cachedTokens }) => cachedTokens);
  const unknown = models.filter(({ cost }) => cost === undefined).length;
  return (
    <>
      <dl class="figures">
        <Figure
          name={t('Requests')}
          value={formatCount(total(({ requests }) => requests))}
          remark={t('{0} failed', formatCount(total(({ failures }) => failures)))}
        />
        <Figure
          name={t('Input tokens')}
          value={formatShort(input)}
          remark={t('{0} from cache', formatShare(cached, input))}
        >
          <Ring share={input === 0 ? 0 : cached / input} />
        </Figure>
        <Figure
          name={t('Output tokens')}
          value={formatShort(total(({ outputTokens }) => outputTokens))}
        />
        <Figure
          name={t('By list price')}
          value={unknown === models.length ? '–' : formatMoney(total(({ cost = 0 }) => cost))}
          {...(unknown === 0
            ? {}
            : {
                remark:
                  unknown === 1
                    ? t('one model has no known price')
                    : t('{0} models have no known price', unknown),
              })}
        />
      </dl>
      <p class="quiet">
        {t(
          'An estimate from published list prices, not a bill: plans, discounts and long-context prices are not in it.',
        )}
      </p>
    </>
  );
}

function TopModels({ models }: { models: readonly ModelUsage[] }) {
  return (
    <section aria-labelledby="top">
      <h2 id="top">{t('Most used models')}</h2>
      <ScrollBox label={t('Table of the most used models')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('Model')}</th>
              {[
                t('Requests'),
                t('Failed'),
                t('Input'),
                t('Cached'),
                t('Output'),
                t('By list price'),
              ].map((title) => (
                <th key={title} scope="col" class="number">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {models.slice(0, 20).map((model) => (
              <tr key={model.model}>
                <th scope="row">{model.model}</th>
                <td class="number">{formatCount(model.requests)}</td>
                <td class="number">{formatCount(model.failures)}</td>
                <td class="number">{formatCount(model.inputTokens)}</td>
                <td class="number">{formatShare(model.cachedTokens, model.inputTokens)}</td>
                <td class="number">{formatCount(model.outputTokens)}</td>
                <td class="number">{model.cost === undefined ? '–' : formatMoney(model.cost)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}

/** Providers beyond these share a colour; more could not be told apart. */
const mostSeries = 5;

function barsOf(days: readonly string[], rows: readonly UsageRow[]) {
  const byProvider = Map.groupBy(rows, ({ provider }) => provider);
  const size = (own: readonly UsageRow[]): number =>
    own.reduce((sum, row) => sum + tokensOf(row), 0);
  const ranked = [...byProvider].toSorted(([, a], [, b]) => size(b) - size(a));
  const named = ranked.slice(0, mostSeries);
  const rest = ranked.slice(mostSeries).flatMap(([, own]) => own);
  const groups = rest.length === 0 ? named : [...named, [t('others'), rest] as const];
  return {
    series: groups.map(([name]) => name),
    bars: days.map((day) => ({
      day,
      parts: groups.map(([, own]) => size(own.filter((row) => row.day === day))),
    })),
  };
}

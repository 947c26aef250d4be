import type { ApiAnswer } from '../link/api.ts';

export type UsageRow = ApiAnswer<'GET /api/usage'>['rows'][number];
export type Priced = Pick<ApiAnswer<'GET /api/models'>['models'][number], 'id' | 'price'>;

export interface ModelUsage {
  readonly model: string;
  readonly requests: number;
  readonly failures: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** By list price, in US dollars; `undefined` where no price is known. */
  readonly cost: number | undefined;
}

/** Sums by model, the largest first. */
export function usageByModel(
  rows: readonly UsageRow[],
  models: readonly Priced[],
): readonly ModelUsage[] {
  const prices = new Map(models.map(({ id, price }) => [id, price]));
  return [...Map.groupBy(rows, ({ model }) => model)]
    .map(([model, own]) => {
      const total = (of: (row: UsageRow) => number): number =>
        own.reduce((sum, row) => sum + of(row), 0);
      const usage = {
        model,
        requests: total(({ requests }) => requests),
        failures: total(({ failures }) => failures),
        inputTokens: total(({ inputTokens }) => inputTokens),
        cachedTokens: total(({ cachedTokens }) => cachedTokens),
        outputTokens: total(({ outputTokens }) => outputTokens),
      };
      return { ...usage, cost: costOf(usage, prices.get(model)) };
    })
    .toSorted((a, b) => tokensOf(b) - tokensOf(a));
}

/** Cached input is charged like other input where no price of its own is known. */
export function costOf(
  usage: Pick<ModelUsage, 'inputTokens' | 'cachedTokens' | 'outputTokens'>,
  price: Priced['price'],
): number | undefined {
  if (price?.input === undefined || price.output === undefined) return undefined;
  const fresh = usage.inputTokens - usage.cachedTokens;
  const cached = usage.cachedTokens * (price.cachedInput ?? price.input);
  return (fresh * price.input + cached + usage.outputTokens * price.output) / 1_000_000;
}

export function tokensOf({
  inputTokens,
  outputTokens,
}: Pick<ModelUsage, 'inputTokens' | 'outputTokens'>): number {
  return inputTokens + outputTokens;
}

/** One line for each day and model, for spreadsheets. */
export function usageCsv(rows: readonly UsageRow[]): string {
  const names = [
    'day',
    'provider',
    'model',
    'requests',
    'failures',
    'inputTokens',
    'cachedTokens',
    'outputTokens',
    'reasoningTokens',
  ] as const;
  const lines = rows.map((row) => names.map((name) => cell(row[name])).join(','));
  return `${[names.join(','), ...lines].join('\r\n')}\r\n`;
}

/** Spreadsheets take a text that begins with one of these for a formula. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

import { formatCount, formatShort } from '../format.ts';
import { t } from '../l10n.ts';
import { ScrollBox } from './ScrollBox.tsx';

export interface DayBar {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** From the bottom up; a share of 0 draws nothing. */
  readonly parts: readonly number[];
}

interface DayBarsProps {
  readonly label: string;
  /** What the parts are, in their order. */
  readonly series: readonly string[];
  readonly bars: readonly DayBar[];
}

const height = 120;
const pitch = 24;

/** A stacked bar for each day. The table behind it holds the same numbers. */
export function DayBars({ label, series, bars }: DayBarsProps) {
  const sums = bars.map(({ parts }) => parts.reduce((sum, part) => sum + part, 0));
  const tallest = Math.max(0, ...sums);
  return (
    <figure class="bars">
      <svg
        viewBox={`0 0 ${bars.length * pitch} ${height}`}
        role="img"
        aria-label={label}
        preserveAspectRatio="none"
      >
        <title>{label}</title>
        {bars.map(({ day, parts }, at) => {
          let top = height;
          return (
            <g key={day}>
              <title>{`${day}: ${formatCount(sums[at] ?? 0)}`}</title>
              {/* The whole column answers the mouse, also over a small bar. */}
              <rect class="hover" x={at * pitch} y="0" width={pitch} height={height} />
              {parts.map((part, index) => {
                const size = part === 0 ? 0 : (part / tallest) * height;
                top -= size;
                return part === 0 ? null : (
                  <rect
                    key={series[index]}
                    class={`series s${index % 6}`}
                    x={at * pitch + 4}
                    y={top}
                    width={pitch - 8}
                    height={size}
                  />
                );
              })}
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span class="quiet">
          {t(
            '{0} to {1}; the tallest day is {2}',
            bars[0]?.day ?? '',
            bars.at(-1)?.day ?? '',
            formatShort(tallest),
          )}
        </span>
        <ul class="legend">
          {series.map((name, index) => (
            <li key={name}>
              <svg viewBox="0 0 10 10" aria-hidden="true">
                <rect class={`series s${index % 6}`} width="10" height="10" rx="2" />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      </figcaption>
      <details>
        <summary>{t('Numbers')}</summary>
        <ScrollBox label={t('Numbers')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('Day')}</th>
                {series.map((name) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {bars.map(({ day, parts }) => (
                <tr key={day}>
                  <th scope="row">{day}</th>
                  {parts.map((part, index) => (
                    <td key={series[index]} class="number">
                      {formatCount(part)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      </details>
    </figure>
  );
}

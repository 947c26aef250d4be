import { formatDuration } from '../format.ts';
import { t } from '../l10n.ts';

interface TimelineProps {
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number | undefined;
}

/** How long the model was silent, and how long it spoke. */
export function Timeline({ firstTokenMs, totalMs }: TimelineProps) {
  if (totalMs === undefined || totalMs === 0) return null;
  const waited = Math.min(firstTokenMs ?? totalMs, totalMs);
  const whole = formatDuration(totalMs);
  const text =
    firstTokenMs === undefined
      ? t('{0} in all, without a token', whole)
      : t('{0} until the first token, {1} in all', formatDuration(firstTokenMs), whole);
  const split = (waited / totalMs) * 100;
  return (
    <figure class="timeline">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={text}>
        <title>{text}</title>
        <rect class="waiting" x="0" y="0" width={split} height="6" />
        <rect class="streaming" x={split} y="0" width={100 - split} height="6" />
      </svg>
      <figcaption class="quiet">{text}</figcaption>
    </figure>
  );
}

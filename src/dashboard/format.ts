const language = typeof document === 'undefined' ? 'en' : document.documentElement.lang || 'en';
const count = new Intl.NumberFormat(language);
const short = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' });
const dayAndClock = new Intl.DateTimeFormat(language, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** `12,345` */
export function formatCount(value: number): string {
  return count.format(value);
}

/** `12.3K`, where the exact number is of no use. */
export function formatShort(value: number): string {
  return short.format(value);
}

/** `97%`; a dash where there is nothing to have a share of. */
export function formatShare(part: number, whole: number): string {
  return whole === 0 ? '–' : percent.format(part / whole);
}

/** `14:03:09`, and with the day where that was not today. */
export function formatTime(milliseconds: number, now = Date.now()): string {
  const sameDay = new Date(milliseconds).toDateString() === new Date(now).toDateString();
  return (sameDay ? clock : dayAndClock).format(milliseconds);
}

/** `830 ms`, `2.4 s`, `1 min 12 s`; a dash for what has not happened. */
export function formatDuration(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '–';
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const money = new Intl.NumberFormat(language, { style: 'currency', currency: 'USD' });

/** `$12.34`; less than a cent is said so. */
export function formatMoney(dollars: number): string {
  return dollars > 0 && dollars < 0.01 ? `< ${money.format(0.01)}` : money.format(dollars);
}

/** `$0.27`, the list price of a million tokens. */
export function formatPrice(dollars: number): string {
  return money.format(dollars);
}

const count = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `12,345` */
export function formatCount(value: number): string {
  return count.format(value);
}

/** `14:03:09` */
export function formatTime(milliseconds: number): string {
  return clock.format(milliseconds);
}

/** `830 ms`, `2.4 s`, `1 min 12 s`; a dash for what has not happened. */
export function formatDuration(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '–';
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

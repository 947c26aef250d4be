/** Whether every word of the text is in one of the fields. */
export function matches(text: string, ...fields: readonly (string | undefined)[]): boolean {
  const whole = fields.join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word));
}

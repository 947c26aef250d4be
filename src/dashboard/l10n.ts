/** Texts in the user's language; English is the key, as in `vscode.l10n`. */

type Texts = Readonly<Record<string, string>>;

let texts: Texts = {};

/** Takes the table that came with the page. */
export function loadTexts(): void {
  const source = document.getElementById('texts')?.textContent ?? '';
  if (source === '') return;
  const table: unknown = JSON.parse(source);
  if (typeof table !== 'object' || table === null) return;
  texts = Object.fromEntries(
    Object.entries(table).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

/** The text in the user's language, with `{0}`, `{1}`, … filled in. */
export function t(english: string, ...values: readonly (string | number)[]): string {
  const text = texts[english] ?? english;
  if (values.length === 0) return text;
  return text.replace(/\{(\d)\}/g, (whole, index: string) =>
    String(values[Number(index)] ?? whole),
  );
}

/** Control characters, and those that hide or turn around what a reader sees; line breaks stay. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu;

/** One line of somebody else's text, not longer than allowed. */
export function oneLine(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').replace(unseen, '').trim();
  return capped(line, most);
}

/**
 * Somebody else's text where every line begins with a mark, so that nothing in it can pass for what
 * stands around it: the end of a frame, a call, the words of a user.
 */
export function quoted(text: string, most: number): string {
  const lines = capped(text, most)
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) => line.replace(/\t/g, ' ').replace(unseen, '').trimEnd());
  return lines
    .filter((line, index) => line !== '' || lines[index - 1] !== '')
    .map((line) => `> ${line}`)
    .join('\n');
}

function capped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).toWellFormed()} […]`;
}

/**
 * Reads the string out of `{"input": "…"}` while the model is still writing it, so that Codex can
 * show a patch as it grows. Tolerates real newlines in the string. Gives nothing where the text does
 * not begin like that.
 */
export class InputPreview {
  /** What has been read before the string begins. */
  #head: string | undefined = '';
  #dead = false;
  /** An escape that is not complete yet. */
  #pending = '';
  #finished = false;

  /** The string's closing quote has been read. */
  get finished(): boolean {
    return this.#finished;
  }

  push(chunk: string): string {
    if (this.#dead || this.#finished) return '';
    let text = chunk;
    if (this.#head !== undefined) {
      this.#head += chunk;
      const match = opening.exec(this.#head);
      if (match === null) {
        if (this.#head.length > maxHead) this.#dead = true;
        return '';
      }
      text = this.#head.slice(match[0].length);
      this.#head = undefined;
    }
    return this.#decode(this.#pending + text);
  }

  #decode(text: string): string {
    this.#pending = '';
    let out = '';
    let from = 0;
    for (;;) {
      special.lastIndex = from;
      const at = special.exec(text)?.index;
      if (at === undefined) return out + text.slice(from);
      out += text.slice(from, at);
      if (text[at] === '"') {
        this.#finished = true;
        return out;
      }
      const code = text[at + 1];
      const length = code === 'u' ? 6 : 2;
      if (text.length < at + length) {
        this.#pending = text.slice(at);
        return out;
      }
      out +=
        code === 'u' ? unicode(text.slice(at + 2, at + 6)) : (escapes[code ?? ''] ?? code ?? '');
      from = at + length;
    }
  }
}

const opening = /^\s*\{\s*"input"\s*:\s*"/;
const maxHead = 64;
const special = /["\\]/g;
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

function unicode(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return Number.isNaN(code) ? '' : String.fromCharCode(code);
}

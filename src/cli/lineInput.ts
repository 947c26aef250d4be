import { createInterface, type Interface } from 'node:readline';

/** What a keyboard can do and a pipe cannot. */
interface Keyboard {
  setRawMode(raw: boolean): unknown;
}

/** What the user types, or a script pipes in, line by line. Nothing is read before the first question. */
export class LineInput {
  readonly #source: NodeJS.ReadableStream;
  #reader: Interface | undefined;
  #lines: AsyncIterator<string> | undefined;

  constructor(source: NodeJS.ReadableStream) {
    this.#source = source;
  }

  /** The next line; `undefined` where there are no more. */
  async read(): Promise<string | undefined> {
    this.#reader ??= createInterface({ input: this.#source });
    this.#lines ??= this.#reader[Symbol.asyncIterator]();
    const next = await this.#lines.next();
    return next.done === true ? undefined : next.value;
  }

  /** The same without showing what is typed. A key that is piped in is not shown anyway. */
  async readSecret(): Promise<string | undefined> {
    const source = this.#source;
    if (!isKeyboard(source)) return await this.read();
    // In raw mode nothing is shown, and nobody else acts on the keys that edit and interrupt.
    source.setRawMode(true);
    const interrupted = (typed: Buffer | string): void => {
      if (!typed.toString().includes('\u0003')) return;
      source.setRawMode(false);
      process.kill(process.pid, 'SIGINT');
    };
    source.on('data', interrupted);
    try {
      return edited(await this.read());
    } finally {
      source.off('data', interrupted);
      source.setRawMode(false);
    }
  }

  /** Lets the process end. */
  close(): void {
    this.#reader?.close();
  }
}

function isKeyboard(source: NodeJS.ReadableStream): source is NodeJS.ReadableStream & Keyboard {
  return 'isTTY' in source && source.isTTY === true && 'setRawMode' in source;
}

/** Applies the backspaces; other control characters are no part of a key. */
function edited(typed: string | undefined): string | undefined {
  if (typed === undefined) return undefined;
  const kept: string[] = [];
  for (const character of typed) {
    if (character === '\u007f' || character === '\b') kept.pop();
    else if (character >= ' ') kept.push(character);
  }
  return kept.join('');
}

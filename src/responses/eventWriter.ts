/** Writes Server-Sent Events with the sequence number that every one carries. */
export class EventWriter {
  #sequence = 0;

  /** `fields` is JSON text of the members between `type` and `sequence_number`. */
  event(type: string, fields: string): string {
    return `event: ${type}\ndata: {"type":"${type}",${fields},"sequence_number":${this.#sequence++}}\n\n`;
  }

  /** A delta event: `head` is prepared once per item by `deltaHead`, for this happens per token. */
  delta(head: string, text: string): string {
    return `${head + JSON.stringify(text)},"sequence_number":${this.#sequence++}}\n\n`;
  }
}

export function deltaHead(type: string, fields: string): string {
  return `event: ${type}\ndata: {"type":"${type}",${fields},"delta":`;
}

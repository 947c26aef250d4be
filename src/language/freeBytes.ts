/**
 * Gives the memory of bytes back at once, where they have it for themselves; nobody may look at them
 * again. Left to the collector, the buffers of a few large requests cost a full collection of the
 * streaming thread, which takes as long as translating one.
 */
export function freeBytes({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached && buffer.byteLength === length) {
    buffer.transfer(0);
  }
}

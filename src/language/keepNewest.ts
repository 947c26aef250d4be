/** A map or a set: it keeps the order in which its entries were set. */
interface Ordered<K> {
  readonly size: number;
  keys(): Iterator<K>;
  delete(key: K): unknown;
}

/** Takes away what was set first, where there are more entries than this. */
export function keepNewest<K>(among: Ordered<K>, most: number): void {
  const oldest = among.keys();
  while (among.size > most) {
    const { done, value } = oldest.next();
    if (done === true) return;
    among.delete(value);
  }
}

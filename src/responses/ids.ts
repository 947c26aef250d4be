/** A random id in the Responses API's form, e.g. `msg_…`; Codex's stored history collapses items that share one. */
export function randomId(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`;
}

/** Counters and bare names, as small servers hand them out anew for every answer: `call_0`, `1`, `exec_command`, ``. */
const reused = /^[A-Za-z_.-]*\d{0,4}$/;

/**
 * The call id to give to Codex. The provider's own is kept where it is distinctive, because some
 * models read it again in their history (Kimi's `functions.name:0`); else it is replaced.
 */
export function callIdFor(upstream: string | undefined, used: ReadonlySet<string>): string {
  return upstream === undefined || reused.test(upstream) || used.has(upstream)
    ? randomId('call')
    : upstream;
}

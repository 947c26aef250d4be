import type { ComponentChildren } from 'preact';

/**
 * A sentence of the proxy's. They are in English in every language, because the same words stand in
 * Codex, in the log and in a terminal, where people search for them; who hears them is told so.
 */
export function ProxyText({ children }: { children: ComponentChildren }) {
  return <span lang="en">{children}</span>;
}

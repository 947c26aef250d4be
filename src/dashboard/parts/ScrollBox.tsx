import type { ComponentChildren } from 'preact';

interface ScrollBoxProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** Holds what may be wider than the page; who has no mouse goes there and scrolls it. */
export function ScrollBox({ label, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: axe's scrollable-region-focusable asks for it
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}

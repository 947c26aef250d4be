import type { ComponentChildren } from 'preact';

interface NoticeProps {
  readonly kind: 'error' | 'warning' | 'info';
  readonly children: ComponentChildren;
}

/** Something that the user has to know, with the way out in it. */
export function Notice({ kind, children }: NoticeProps) {
  return (
    <p role={kind === 'info' ? 'status' : 'alert'} class={`notice ${kind}`}>
      {children}
    </p>
  );
}

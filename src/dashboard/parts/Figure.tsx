import type { ComponentChildren } from 'preact';

interface FigureProps {
  readonly name: string;
  readonly value: string;
  /** What puts the value into proportion. */
  readonly remark?: string;
  readonly children?: ComponentChildren;
}

/** A number and what it counts. */
export function Figure({ name, value, remark, children }: FigureProps) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <span class="value">{value}</span>
        {children}
        {remark !== undefined && <span class="quiet">{remark}</span>}
      </dd>
    </div>
  );
}

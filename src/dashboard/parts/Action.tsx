import type { DashboardCommand } from '../../link/dashboardLink.ts';
import { useBridge } from '../bridge.ts';

interface ActionProps {
  readonly command: DashboardCommand;
  readonly title: string;
  readonly kind?: 'primary' | 'secondary' | 'link';
  /** What it is about: a provider, a model. */
  readonly about?: string;
  /** For screen readers, where the title alone does not say what it is about. */
  readonly label?: string;
}

/** A button that runs one of the extension's commands; a browser has none. */
export function Action({ command, title, kind = 'primary', about, label }: ActionProps) {
  const bridge = useBridge();
  if (bridge.kind === 'browser') return null;
  return (
    <button
      type="button"
      class={kind}
      aria-label={label}
      onClick={() => bridge.run(command, about)}
    >
      {title}
    </button>
  );
}

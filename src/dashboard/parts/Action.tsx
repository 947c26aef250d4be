import type { DashboardCommand } from '../../link/dashboardLink.ts';
import { send } from '../bridge.ts';

interface ActionProps {
  readonly command: DashboardCommand;
  readonly title: string;
  readonly kind?: 'primary' | 'secondary' | 'link';
}

/** A button that runs one of the extension's commands. */
export function Action({ command, title, kind = 'primary' }: ActionProps) {
  return (
    <button type="button" class={kind} onClick={() => send({ type: 'run', command })}>
      {title}
    </button>
  );
}

import { t } from '../l10n.ts';
import type { Request } from '../useRequests.ts';
import type { Tone } from './Badge.tsx';

export function statusTone(status: Request['status']): Tone {
  switch (status) {
    case 'running':
      return 'busy';
    case 'completed':
      return 'good';
    case 'failed':
      return 'bad';
    case 'incomplete':
    case 'aborted':
      return 'plain';
  }
}

export function statusWord(status: Request['status']): string {
  switch (status) {
    case 'running':
      return t('Running');
    case 'completed':
      return t('Completed');
    case 'incomplete':
      return t('Incomplete');
    case 'failed':
      return t('Failed');
    case 'aborted':
      return t('Aborted');
  }
}

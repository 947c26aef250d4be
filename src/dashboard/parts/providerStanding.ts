import type { ApiAnswer } from '../../link/api.ts';
import { t } from '../l10n.ts';
import type { Tone } from './Badge.tsx';

type Provider = ApiAnswer<'GET /api/providers'>['providers'][number];

/** How a provider stands, in a word or two. */
export function standing({ credential, unusable, enabled }: Provider): readonly [Tone, string] {
  if (enabled === false) return ['plain', t('Switched off')];
  if (unusable !== undefined) return ['bad', t('Cannot be used')];
  switch (credential.kind) {
    case 'none':
      return credential.needed ? ['bad', t('Key missing')] : ['good', t('No key')];
    case 'literal':
      return ['good', t('Key in config.json, …{0}', credential.lastFour)];
    case 'environment':
      return credential.set
        ? ['good', t('Key from {0}', credential.variable)]
        : ['bad', t('{0} is not set', credential.variable)];
    case 'vault':
      return credential.set ? ['good', t('Key in the secret store')] : ['bad', t('Key missing')];
    case 'forward':
      return ['good', t('ChatGPT login of Codex')];
    case 'login':
      if (credential.problem !== undefined) return ['bad', t('Sign in again')];
      return credential.set
        ? ['good', credential.account ?? t('Signed in')]
        : ['bad', t('Not signed in')];
  }
}

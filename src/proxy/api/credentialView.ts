import { definitionOf } from '../../credentials/accounts/accountHeaders.ts';
import type { AccountInfo } from '../../credentials/accounts/accounts.ts';
import { type Environment, resolveReferences } from '../../credentials/envReference.ts';
import type { Provider } from '../../providers/provider.ts';

export interface CredentialSight {
  readonly env: Environment;
  readonly vault: ReadonlyMap<string, string>;
  readonly accounts: readonly AccountInfo[];
  /** The catalog says that it gives nothing without a key. */
  needsKey(provider: Provider): boolean;
}

/** Shorter keys would be half told by their end. */
const shortestShown = 12;

/** How a provider gets its credential; of the credential itself four characters at most. */
export function credentialView(
  provider: Provider,
  { env, vault, accounts, needsKey }: CredentialSight,
) {
  const { auth } = provider;
  switch (auth.mode) {
    case 'forward':
      return { kind: 'forward' as const };
    case 'oauth': {
      const definition = definitionOf(provider);
      const account = accounts.find(
        (known) => known.active && known.provider === definition?.provider,
      );
      return {
        kind: 'login' as const,
        set: account !== undefined && !account.needsLogin,
        account: account?.email ?? account?.accountId,
        problem: account?.needsLogin ? 'The login has ended. Sign in again.' : undefined,
      };
    }
    case 'key': {
      const { apiKey = '', source } = auth;
      if (source === 'vault') return { kind: 'vault' as const, set: vault.has(provider.id) };
      if (apiKey === '') return { kind: 'none' as const, needed: needsKey(provider) };
      const [, variable] = /\$\{?(\w+)\}?/.exec(apiKey) ?? [];
      const resolved = resolveReferences(apiKey, env);
      if (variable === undefined || (resolved.ok && resolved.value === apiKey)) {
        const shown = apiKey.length >= shortestShown;
        return { kind: 'literal' as const, lastFour: shown ? apiKey.slice(-4) : '' };
      }
      return { kind: 'environment' as const, variable, set: resolved.ok };
    }
  }
}

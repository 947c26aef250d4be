import { checkKey, type KeyVerdict } from '../providers/keyCheck.ts';
import type { Provider } from '../providers/provider.ts';
import type { WebCall } from '../providers/webCall.ts';
import { apiKey, type CredentialSources, upstreamHeaders } from './upstreamHeaders.ts';

export interface ProviderTest {
  /** What the provider says of its key, of whatever place that comes from. */
  readonly verdict: KeyVerdict;
  /** The key with its references resolved, for warnings only. */
  readonly key: string | undefined;
}

/**
 * Asks a provider about the key that it is, or is to be, configured with: a literal, a reference to
 * an environment variable, or one of the vault.
 */
export async function testProvider(
  provider: Provider,
  sources: Pick<CredentialSources, 'env' | 'vault' | 'version'>,
  call: WebCall,
): Promise<ProviderTest> {
  const { auth, label } = provider;
  if (auth.mode !== 'key') {
    const login = auth.mode === 'forward' ? "Codex's own ChatGPT login" : 'an account login';
    const reason = `${label}: it uses ${login}; there is no key to check.`;
    return { verdict: { kind: 'unchecked', reason }, key: undefined };
  }
  const key = apiKey(provider, auth, sources);
  if (!key.ok) return { verdict: { kind: 'unchecked', reason: key.message }, key: undefined };
  const own = upstreamHeaders(
    { ...withoutExchange(provider), auth: { ...auth, apiKey: undefined, source: 'config' } },
    {},
    { ...sources, token: '' },
  );
  if (!own.ok) return { verdict: { kind: 'unchecked', reason: own.error.message }, key: key.value };
  const { version } = sources;
  return {
    verdict: await checkKey(provider, key.value, { call, version, headers: own.headers }),
    key: key.value,
  };
}

function withoutExchange({ exchange: _, ...provider }: Provider): Provider {
  return provider;
}

import type { Target } from '../adapters/target.ts';
import type { Config } from '../config/schema.ts';
import type { InboundHeaders } from '../credentials/forward.ts';
import { bearerOf } from '../credentials/forward.ts';
import { sameToken } from '../credentials/token.ts';
import { type CredentialSources, requestHeaders } from '../credentials/upstreamHeaders.ts';
import { configuredProviders } from '../providers/configured.ts';
import type { Knowledge } from '../providers/knowledge.ts';
import type { Provider, Route } from '../providers/provider.ts';
import { targetOf } from '../providers/resolve.ts';

/** What the sidecars need to know to ask a model: the config, and who may ask. */
export interface AskerServices {
  readonly credentials: CredentialSources;
  readonly knowledge: Knowledge;
  config(): Config;
}

/** A model that can be asked, with its own provider's credential. */
export type Asker =
  | {
      readonly ok: true;
      readonly target: Target;
      readonly headers: Readonly<Record<string, string>>;
      readonly secrets: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

/** The provider over which Codex's own ChatGPT login is used. */
export function forwardProvider(config: Config): Provider | undefined {
  return [...configuredProviders(config).values()].find(
    ({ auth, unusable }) => auth.mode === 'forward' && unusable === undefined,
  );
}

/** Whether a request brings a ChatGPT login. Our own token may stand in its place. */
export function bringsLogin(inbound: InboundHeaders, { token }: CredentialSources): boolean {
  const bearer = bearerOf(inbound);
  return bearer !== undefined && !sameToken(token, bearer);
}

/** Gets a model ready to be asked, with what its provider wants to see and nothing of another's. */
export async function asker(
  { provider, model }: Route,
  inbound: InboundHeaders,
  { credentials, knowledge }: AskerServices,
): Promise<Asker> {
  const found = await requestHeaders(provider, inbound, credentials);
  if (!found.ok) return { ok: false, reason: found.error.message };
  const { secrets } = found;
  const known = targetOf({ provider, model }, knowledge);
  const target = found.baseUrl === undefined ? known : { ...known, baseUrl: found.baseUrl };
  if (provider.auth.mode !== 'forward')
    return { ok: true, target, headers: found.headers, secrets };
  const headers = Object.fromEntries(
    Object.entries(found.headers).filter(([name]) => !ofTheTurn.test(name)),
  );
  return { ok: true, target: bare(target), headers, secrets };
}

/** What Codex says about its own turn is not true of a question beside it. */
const ofTheTurn = /^(?:x-codex-|x-client-request-id$|x-openai-|x-responsesapi-)/;

/** The ChatGPT backend's path names no version. */
function bare(target: Target): Target {
  const { quirks } = target;
  return {
    ...target,
    quirks: { ...quirks, responses: { ...quirks.responses, path: '/responses' } },
  };
}

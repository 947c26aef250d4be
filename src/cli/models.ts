import { opencodexHome } from '../config/home.ts';
import { accountHeaders } from '../credentials/accounts/accountHeaders.ts';
import { ExchangedTokens } from '../credentials/exchange.ts';
import { upstreamHeaders } from '../credentials/upstreamHeaders.ts';
import { askModelList } from '../providers/askModelList.ts';
import { configuredProviders } from '../providers/configured.ts';
import type { Provider } from '../providers/provider.ts';
import type { WebCall } from '../providers/webCall.ts';
import { configAt, configuredProvider } from './checkedProvider.ts';
import type { Command } from './command.ts';
import type { Terminal } from './terminal.ts';

/** Prints the models of one provider, or of all that are configured, as Codex names them. */
export const models: Command = {
  usage: 'models [provider]',
  summary: 'the models that providers offer now',
  options: {},
  positionals: { min: 0, max: 1 },
  async run(_options, terminal, [name]) {
    const config = await configAt(opencodexHome(terminal.env));
    const asked =
      name === undefined
        ? [...configuredProviders(config).values()]
        : [configuredProvider(config, name)];
    const call = await terminal.webCall();
    const hidden = new Set(config.disabledModels);
    const lists = await Promise.all(asked.map((provider) => modelsOf(provider, call, terminal)));
    for (const [index, { found, problem }] of lists.entries()) {
      const provider = asked[index];
      if (problem !== undefined) terminal.note(problem);
      for (const model of found) {
        const id = `${provider?.id}/${model}`;
        const marks = [
          ...(model === provider?.defaultModel ? ['default'] : []),
          ...(hidden.has(id) ? ['disabled'] : []),
        ];
        terminal.print(marks.length === 0 ? id : `${id} (${marks.join(', ')})`);
      }
    }
  },
};

/** The live list, else what is configured and why. */
async function modelsOf(
  provider: Provider,
  call: WebCall,
  terminal: Terminal,
): Promise<{ readonly found: Iterable<string>; readonly problem: string | undefined }> {
  if (provider.unusable !== undefined) {
    return { found: [], problem: `${provider.label}: ${provider.unusable}` };
  }
  if (provider.auth.mode === 'forward') {
    const problem = `${provider.label}: only Codex itself may ask for its models. These are known:`;
    return { found: provider.models, problem };
  }
  const { env, version } = terminal;
  const home = opencodexHome(env);
  const sources = { home, env, version, vault: new Map<string, string>(), token: '' };
  const logins = provider.auth.mode === 'oauth' ? await terminal.openLogins(home) : undefined;
  const answer = await askModelList(provider, {
    call,
    credentials: () =>
      (logins && accountHeaders(provider, logins.accounts, sources)) ??
      new ExchangedTokens(call).headers(provider, sources) ??
      upstreamHeaders(provider, {}, sources),
    anonymous: { 'user-agent': `opencodex-vscode/${version}` },
    signal: new AbortController().signal,
  }).finally(() => logins?.dispose());
  if (!answer.ok) return { found: provider.models, problem: answer.message };
  const named = provider.defaultModel === undefined ? [] : [provider.defaultModel];
  return { found: new Set([...named, ...answer.listing.keys()]), problem: undefined };
}

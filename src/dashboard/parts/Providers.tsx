import type { DashboardProvider } from '../../link/dashboardLink.ts';
import { Action } from './Action.tsx';

interface ProvidersProps {
  readonly providers: readonly DashboardProvider[];
  readonly defaultProvider: string | undefined;
}

/** The providers of the config file with their models. */
export function Providers({ providers, defaultProvider }: ProvidersProps) {
  return (
    <section aria-labelledby="providers">
      <div class="heading">
        <h2 id="providers">Providers</h2>
        <Action command="setProviderKey" kind="link" title="Set Provider Key" />
        <Action command="openConfig" kind="link" title="Open Config File" />
      </div>
      {providers.length === 0 ? (
        <p class="quiet">No provider is set up. Add one to the config file.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Provider</th>
              <th scope="col">Wire format</th>
              <th scope="col">Sign-in</th>
              <th scope="col">Models</th>
            </tr>
          </thead>
          <tbody>
            {providers.map((provider) => (
              <Row
                key={provider.id}
                provider={provider}
                isDefault={provider.id === defaultProvider}
              />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ provider, isDefault }: { provider: DashboardProvider; isDefault: boolean }) {
  return (
    <tr>
      <th scope="row">
        {provider.label}
        {isDefault && <span class="quiet"> default</span>}
      </th>
      <td class="word">{provider.adapter}</td>
      <td class="word">{authText(provider.authMode)}</td>
      <td>
        <Models models={provider.models} />
      </td>
    </tr>
  );
}

function Models({ models }: { models: readonly string[] }) {
  if (models.length === 0) return <span class="quiet">Codex names the model</span>;
  if (models.length <= 3) return <>{models.join(', ')}</>;
  return (
    <details>
      <summary>{models.length} models</summary>
      {models.join(', ')}
    </details>
  );
}

function authText(mode: string): string {
  switch (mode) {
    case 'forward':
      return 'ChatGPT login of Codex';
    case 'oauth':
      return 'Account';
    case 'key':
      return 'API key';
    default:
      return mode;
  }
}

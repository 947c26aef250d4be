import type { DashboardView } from '../../link/dashboardLink.ts';
import { Action } from '../parts/Action.tsx';
import { Badge, type Tone } from '../parts/Badge.tsx';
import { Logo } from '../parts/Logo.tsx';
import { Providers } from '../parts/Providers.tsx';
import { Requests } from '../parts/Requests.tsx';

/** State, connection and model at a glance, with the command that changes each of them. */
export function Overview({ view }: { view: DashboardView }) {
  return (
    <main>
      <header>
        <Logo />
        <h1>OpenCodex</h1>
        <ProxyBadge view={view} />
        <Action command="showLog" kind="link" title="Show Log" />
      </header>
      {view.failure !== undefined && (
        <p role="alert" class="notice error">
          {view.failure}
        </p>
      )}
      {view.configError !== undefined && (
        <p role="alert" class="notice warning">
          {view.configError} The last good config stays in force.{' '}
          <Action command="openConfig" kind="link" title="Open Config File" />
        </p>
      )}
      <div class="cards">
        <ProxyCard view={view} />
        <CodexCard view={view} />
        <ModelCard view={view} />
      </div>
      <Providers providers={view.providers} defaultProvider={view.defaultProvider} />
      <Requests requests={view.requests} />
    </main>
  );
}

function ProxyBadge({ view }: { view: DashboardView }) {
  const [tone, text] = proxyBadge(view);
  return <Badge tone={tone} text={text} />;
}

function proxyBadge(view: DashboardView): readonly [Tone, string] {
  switch (view.status) {
    case 'listening':
      return ['good', 'Running'];
    case 'elsewhere':
      return ['good', 'Running in another window'];
    case 'starting':
      return ['plain', 'Starting'];
    case 'stopped':
      return ['plain', 'Stopped'];
    case 'failed':
      return ['bad', 'Not running'];
  }
}

function ProxyCard({ view }: { view: DashboardView }) {
  const serves = view.address !== undefined;
  return (
    <section class="card" aria-labelledby="proxy">
      <h2 id="proxy">Proxy</h2>
      {serves ? (
        <p>
          <code>{view.address}</code> <Action command="copyConnection" kind="link" title="Copy" />
        </p>
      ) : (
        <p>No address is served.</p>
      )}
      <p class="quiet" aria-live="polite">
        {view.active} running, {view.served} answered since the start
      </p>
      <p class="actions">
        {serves ? (
          <>
            <Action command="restartProxy" kind="secondary" title="Restart" />
            <Action command="stopProxy" kind="secondary" title="Stop" />
          </>
        ) : (
          <>
            <Action command="startProxy" title="Start" />
            {view.status === 'failed' && (
              <Action command="changePort" kind="secondary" title="Change Port" />
            )}
          </>
        )}
      </p>
    </section>
  );
}

function CodexCard({ view }: { view: DashboardView }) {
  const { tone, state, says } = codexTexts[view.codex];
  return (
    <section class="card" aria-labelledby="codex">
      <h2 id="codex">Codex</h2>
      <p>
        <Badge tone={tone} text={state} />
      </p>
      <p class="quiet">{says}</p>
      <p class="actions">
        {view.codex !== 'connected' && (
          <Action
            command="connectCodex"
            title={view.codex === 'outdated' ? 'Update Connection' : 'Connect Codex'}
          />
        )}
        {(view.codex === 'connected' || view.codex === 'outdated') && (
          <Action command="disconnectCodex" kind="secondary" title="Disconnect Codex" />
        )}
      </p>
    </section>
  );
}

interface CodexTexts {
  readonly tone: Tone;
  readonly state: string;
  readonly says: string;
}

const codexTexts: Readonly<Record<DashboardView['codex'], CodexTexts>> = {
  connected: {
    tone: 'good',
    state: 'Connected',
    says: 'Codex sends its turns here. Disconnecting restores its config file.',
  },
  outdated: {
    tone: 'bad',
    state: 'Out of date',
    says: 'Its config file names another port or access token, so it gets no answer.',
  },
  disconnected: {
    tone: 'plain',
    state: 'Not connected',
    says: 'You see the lines for its config file before they are written.',
  },
  unknown: {
    tone: 'plain',
    state: 'Not known',
    says: 'Its config file cannot be read.',
  },
};

function ModelCard({ view }: { view: DashboardView }) {
  return (
    <section class="card" aria-labelledby="model">
      <h2 id="model">Current model</h2>
      <p>{view.currentModel === undefined ? 'Codex chooses' : <code>{view.currentModel}</code>}</p>
      <p class="quiet">Applies to the next request; running ones keep their model.</p>
      <p class="actions">
        <Action command="switchModel" kind="secondary" title="Switch Model" />
      </p>
    </section>
  );
}

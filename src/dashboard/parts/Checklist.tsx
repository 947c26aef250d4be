import type { ApiAnswer } from '../../link/api.ts';
import { t } from '../l10n.ts';
import { Action } from './Action.tsx';

interface ChecklistProps {
  readonly state: ApiAnswer<'GET /api/state'>;
  readonly providers: ApiAnswer<'GET /api/providers'>['providers'] | undefined;
}

/** What is left to do before Codex works with another model; gone once it is done. */
export function Checklist({ state, providers }: ChecklistProps) {
  if (providers === undefined) return null;
  const steps = [
    {
      done: providers.some(
        ({ unusable, credential }) => unusable === undefined && isReady(credential),
      ),
      title: t('Add a provider'),
      says: t('Paste a key, sign in to an account, or use a server on this machine.'),
      action: <Action command="addProvider" title={t('Add Provider')} />,
    },
    {
      done: state.codex.kind === 'connected',
      title: t('Connect Codex'),
      says: t('One block in its config file; disconnecting takes it out again.'),
      action: <Action command="connectCodex" title={t('Connect Codex')} />,
    },
    {
      done: state.activity.served > 0 || state.last24Hours.requests > 0,
      title: t('Give Codex a task'),
      says: t('Start a new thread in Codex; its models are in Codex’s own picker.'),
      action: null,
    },
  ];
  const left = steps.filter(({ done }) => !done);
  const [next] = left;
  if (next === undefined) return null;
  return (
    <section class="card checklist" aria-labelledby="checklist">
      <h2 id="checklist">
        {t('Set up: {0} of {1} done', steps.length - left.length, steps.length)}
      </h2>
      <ol>
        {steps.map((step) => (
          <li key={step.title} class={step.done ? 'done' : ''}>
            <span class="mark" aria-hidden="true">
              {step.done ? '✓' : ''}
            </span>
            <div>
              <strong>{step.title}</strong>
              {step.done && <span class="unseen">{t('done')}</span>}
              <p class="quiet">{step.says}</p>
            </div>
            {step === next && step.action}
          </li>
        ))}
      </ol>
    </section>
  );
}

type Credential = ApiAnswer<'GET /api/providers'>['providers'][number]['credential'];

function isReady(credential: Credential): boolean {
  if (credential.kind === 'none') return !credential.needed;
  return 'set' in credential ? credential.set : true;
}

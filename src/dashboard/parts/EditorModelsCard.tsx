import type { ApiAnswer } from '../../link/api.ts';
import { useBridge } from '../bridge.ts';
import { t } from '../l10n.ts';
import { Action } from './Action.tsx';
import { Badge } from './Badge.tsx';

type Standing = Exclude<ApiAnswer<'GET /api/providers'>['editorModels'], undefined>;

/** The models that VS Code has of its own, and whether Codex may use them; the command asks for that. */
export function EditorModelsCard({ standing }: { standing: Standing }) {
  const { kind } = useBridge();
  const allowed = standing?.allowed ?? false;
  return (
    <li class="card provider">
      <div class="heading">
        <h3>{t('VS Code’s own models')}</h3>
        <code>vscode</code>
        <Badge tone={allowed ? 'good' : 'plain'} text={word(standing)} />
      </div>
      <p class="quiet">
        {allowed
          ? t(
              'Codex lists them as vscode/…. Each of its requests counts against the plan of the model that answers.',
            )
          : t(
              'For example GitHub Copilot’s. Each request of Codex would count against that plan, and an agent makes many: you are asked first.',
            )}
        {kind === 'browser' && <> {t('An editor window switches this on and off.')}</>}
      </p>
      <p class="actions">
        <Action
          command="allowEditorModels"
          kind="link"
          title={allowed ? t('Turn off …') : t('Allow …')}
          label={
            allowed
              ? t('Turn off VS Code’s own models for Codex')
              : t('Allow Codex to use VS Code’s own models')
          }
        />
      </p>
    </li>
  );
}

function word(standing: Standing): string {
  if (standing === null) return t('No editor window is open');
  if (!standing.allowed) return t('Not allowed');
  return standing.models === 1 ? t('1 model') : t('{0} models', standing.models);
}

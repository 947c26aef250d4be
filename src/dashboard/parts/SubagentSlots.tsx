import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ApiAnswer } from '../../link/api.ts';
import { t } from '../l10n.ts';

interface SlotsProps {
  readonly answer: ApiAnswer<'GET /api/subagent-models'>;
  readonly onChange: (models: readonly string[] | null) => void;
}

/** The models that Codex offers for sub-agents, in their order: by drag, or by the arrow keys. */
export function SubagentSlots({ answer, onChange }: SlotsProps) {
  const { chosen, effective, most } = answer;
  const models = chosen ?? effective;
  const [dragged, setDragged] = useState<number>();
  const [said, setSaid] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const goesOnAt = useRef<string | undefined>(undefined);

  // An element that changes its place or goes loses the focus.
  useLayoutEffect(() => {
    const at = models.indexOf(goesOnAt.current ?? '');
    goesOnAt.current = undefined;
    if (at !== -1) focusItem(list.current, at);
  }, [models.join(' ')]);

  const move = (from: number, to: number): void => {
    const model = models[from];
    if (model === undefined || to < 0 || to >= models.length || from === to) return;
    onChange(models.toSpliced(from, 1).toSpliced(to, 0, model));
    setSaid(t('{0} is now number {1}.', model, to + 1));
    goesOnAt.current = model;
  };
  const remove = (at: number): void => {
    onChange(models.toSpliced(at, 1));
    setSaid(t('{0} was taken out.', models[at] ?? ''));
    goesOnAt.current = models[at + 1] ?? models[at - 1];
  };
  const key = (event: KeyboardEvent, at: number): void => {
    const to = event.key === 'ArrowUp' ? at - 1 : event.key === 'ArrowDown' ? at + 1 : undefined;
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      remove(at);
    } else if (to !== undefined && event.altKey) {
      event.preventDefault();
      move(at, to);
    } else if (to !== undefined) {
      event.preventDefault();
      focusItem(list.current, to);
    }
  };
  return (
    <section aria-labelledby="subagents">
      <div class="heading">
        <h2 id="subagents">{t('Sub-agents')}</h2>
        <span class="spring" />
        {chosen !== undefined && (
          <button type="button" class="link" onClick={() => onChange(null)}>
            {t('Back to Codex’s own choice')}
          </button>
        )}
      </div>
      <p class="quiet" id="subagents-help">
        {t(
          'What Codex offers for sub-agents, at most {0}. Drag to reorder, or Alt+↑ and Alt+↓; Delete takes one out.',
          most,
        )}
      </p>
      {models.length === 0 && (
        <p class="quiet">
          {t('None: Codex names no model for sub-agents. Add one from the table.')}
        </p>
      )}
      <ol class="slots" ref={list}>
        {models.map((model, at) => (
          <li
            key={model}
            class={at === dragged ? 'dragged' : undefined}
            draggable
            onDragStart={() => setDragged(at)}
            onDragEnd={() => setDragged(undefined)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              if (dragged !== undefined) move(dragged, at);
              setDragged(undefined);
            }}
          >
            <button
              type="button"
              class="grip"
              aria-describedby="subagents-help"
              onKeyDown={(event) => key(event, at)}
            >
              <span aria-hidden="true" class="quiet">
                {at + 1}
              </span>{' '}
              {model}
            </button>
            <button
              type="button"
              class="link"
              aria-label={t('Take out {0}', model)}
              onClick={() => remove(at)}
            >
              ✕
            </button>
          </li>
        ))}
      </ol>
      <p class="unseen" role="status">
        {said}
      </p>
    </section>
  );
}

function focusItem(list: HTMLElement | null, at: number): void {
  list?.querySelectorAll<HTMLElement>('.grip')[at]?.focus();
}

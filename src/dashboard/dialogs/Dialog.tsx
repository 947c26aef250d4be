import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../l10n.ts';
import { Notice } from '../parts/Notice.tsx';
import { ProxyText } from '../parts/ProxyText.tsx';

interface DialogProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly onClose: () => void;
  /** Does it. A sentence keeps the dialog open, an empty one without a word. */
  readonly submit: (form: FormData) => Promise<string | undefined>;
  readonly children: ComponentChildren;
}

/** Asks for something; the browser keeps the focus in it, and gives it back afterwards. */
export function Dialog({ title, action, onClose, submit, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => dialog.current?.showModal(), []);

  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy || !(event.currentTarget instanceof HTMLFormElement)) return;
    setBusy(true);
    setProblem(undefined);
    const failed = await submit(new FormData(event.currentTarget));
    setBusy(false);
    if (failed === undefined) dialog.current?.close();
    else setProblem(failed);
  };

  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <form onSubmit={send} autocomplete="off">
        <h2 id={heading}>{title}</h2>
        {children}
        {problem !== undefined && problem !== '' && (
          <Notice kind="error">
            <ProxyText>{problem}</ProxyText>
          </Notice>
        )}
        <p class="actions">
          <button type="button" class="secondary" onClick={() => dialog.current?.close()}>
            {t('Cancel')}
          </button>
          <button type="submit" aria-disabled={busy}>
            {busy ? t('One moment …') : action}
          </button>
        </p>
      </form>
    </dialog>
  );
}

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly value?: string;
  readonly required?: boolean;
  readonly secret?: boolean;
  readonly hint?: string;
}

/** One line to type. */
export function Field({ label, name, value = '', required, secret, hint }: FieldProps) {
  const id = useId();
  const input = {
    id,
    name,
    defaultValue: value,
    required: required ?? false,
    autocomplete: 'off',
    spellcheck: false,
    'aria-describedby': hint === undefined ? undefined : `${id}-hint`,
  } as const;
  return (
    <p class="field">
      <label for={id}>{label}</label>
      {secret ? <input type="password" {...input} /> : <input type="text" {...input} />}
      {hint !== undefined && (
        <span id={`${id}-hint`} class="quiet">
          {hint}
        </span>
      )}
    </p>
  );
}

/** Where a key is kept; a file only where the user says so. */
export function KeepChoice() {
  return (
    <fieldset>
      <legend class="quiet">{t('Keep the key')}</legend>
      <label class="option">
        <input type="radio" name="keep" value="vault" defaultChecked />
        {t('in the secret store of an open editor window')}
      </label>
      <label class="option">
        <input type="radio" name="keep" value="config" />
        {t('in config.json, readable by every program that you run')}
      </label>
    </fieldset>
  );
}

/** What was typed into a field, without the blanks that come with pasting. */
export function typed(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

export function keepOf(form: FormData): 'vault' | 'config' {
  return typed(form, 'keep') === 'config' ? 'config' : 'vault';
}

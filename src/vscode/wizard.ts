import {
  type InputBox,
  InputBoxValidationSeverity,
  type QuickInput,
  type QuickInputButton,
  QuickInputButtons,
  type QuickPick,
  type QuickPickItem,
  window,
} from 'vscode';
import { reasonOf } from '../language/reason.ts';

/** How a step ends: with a value, one step back, or with the whole flow given up. */
export type Outcome<T> = { readonly kind: 'next'; readonly value: T } | 'back' | 'cancel';

/** An entry of a list that stands for a value. */
export interface Choice<T> extends QuickPickItem {
  readonly value: T;
}

/** Where a step is in its flow, for the title and the Back button. */
export interface Place {
  readonly title: string;
  readonly first: boolean;
}

interface PickOptions<T extends QuickPickItem> extends Place {
  readonly items: readonly T[];
  readonly placeholder: string;
  readonly prompt?: string;
  readonly active?: T;
  /** What is typed can be chosen, too. */
  readonly typed?: (text: string) => T | undefined;
}

/** Lets the user pick one of a list. */
export function pick<T extends QuickPickItem>(options: PickOptions<T>): Promise<Outcome<T>> {
  const picker = window.createQuickPick<T>();
  const { items, typed, active } = options;
  picker.placeholder = options.placeholder;
  if (options.prompt !== undefined) picker.prompt = options.prompt;
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.ignoreFocusOut = true;
  picker.items = items;
  if (active !== undefined) picker.activeItems = [active];
  if (typed !== undefined) {
    picker.onDidChangeValue((text) => {
      const own = typed(text.trim());
      picker.items = own === undefined ? items : [...items, own];
    });
  }
  return shown<T, QuickPick<T>>(picker, options, (settle) => {
    picker.onDidAccept(() => {
      const [value] = picker.selectedItems;
      if (value !== undefined) settle({ kind: 'next', value });
    });
  });
}

interface TypeOptions extends Place {
  readonly prompt: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  /** A sentence while the text is typed; it does not stop the user. */
  readonly hint?: (text: string) => string | undefined;
  /** The last word on the text: a sentence keeps the box open. It may take its time. */
  readonly check: (text: string, signal: AbortSignal) => Promise<string | undefined>;
  readonly button?: { readonly button: QuickInputButton; readonly run: () => void };
}

/** Lets the user type one line, and keeps it until it is right. */
export function type(options: TypeOptions): Promise<Outcome<string>> {
  const box = window.createInputBox();
  const { check, hint, button } = options;
  box.prompt = options.prompt;
  box.value = options.value ?? '';
  box.password = options.password ?? false;
  box.ignoreFocusOut = true;
  if (options.placeholder !== undefined) box.placeholder = options.placeholder;
  if (button !== undefined) box.buttons = [button.button];
  return shown<string, InputBox>(box, options, (settle, closed) => {
    box.onDidChangeValue((text) => {
      const message = hint?.(text.trim());
      box.validationMessage =
        message === undefined
          ? undefined
          : { message, severity: InputBoxValidationSeverity.Warning };
    });
    box.onDidTriggerButton((pressed) => {
      if (pressed === button?.button) button.run();
    });
    box.onDidAccept(async () => {
      const text = box.value.trim();
      if (box.busy) return;
      box.busy = true;
      box.enabled = false;
      const problem = await check(text, closed).catch(reasonOf);
      if (closed.aborted) return;
      box.busy = false;
      box.enabled = true;
      box.validationMessage = problem;
      if (problem === undefined) settle({ kind: 'next', value: text });
    });
  });
}

function shown<T, Q extends QuickPick<QuickPickItem> | InputBox | QuickInput>(
  input: Q & { buttons: readonly QuickInputButton[] } & Pick<InputBox, 'onDidTriggerButton'>,
  { title, first }: Place,
  listen: (settle: (outcome: Outcome<T>) => void, closed: AbortSignal) => void,
): Promise<Outcome<T>> {
  const { promise, resolve } = Promise.withResolvers<Outcome<T>>();
  const closed = new AbortController();
  const settle = (outcome: Outcome<T>): void => {
    resolve(outcome);
    input.hide();
  };
  input.title = title;
  if (!first) input.buttons = [QuickInputButtons.Back, ...input.buttons];
  input.onDidTriggerButton((button) => {
    if (button === QuickInputButtons.Back) settle('back');
  });
  input.onDidHide(() => {
    resolve('cancel');
    closed.abort();
    input.dispose();
  });
  listen(settle, closed.signal);
  input.show();
  return promise;
}

/** What the user answered, as what it means. */
export async function answered<T, S>(
  outcome: Promise<Outcome<T>>,
  meaning: (value: T) => S,
): Promise<Outcome<S>> {
  const settled = await outcome;
  return typeof settled === 'string' ? settled : { kind: 'next', value: meaning(settled.value) };
}

/** A step takes what is known so far and gives more; `undefined`: it has nothing to ask. */
export type Step<S> = (state: S, first: boolean) => Promise<Outcome<S>> | undefined;

/**
 * Runs steps one after the other, and back again; `undefined` where the user gives up. Who goes back
 * loses nothing: the step before begins with all that is known.
 */
export async function runSteps<S>(steps: readonly Step<S>[], start: S): Promise<S | undefined> {
  const asked: number[] = [];
  let state = start;
  let index = 0;
  while (index < steps.length) {
    const outcome = await steps[index]?.(state, asked.length === 0);
    if (outcome === 'cancel') return undefined;
    if (outcome === 'back') {
      const before = asked.pop();
      if (before === undefined) return undefined;
      index = before;
    } else {
      if (outcome !== undefined) {
        asked.push(index);
        state = outcome.value;
      }
      index += 1;
    }
  }
  return state;
}

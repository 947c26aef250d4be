import { formatCount } from '../format.ts';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly id: T; readonly title: string; readonly count?: number }[];
  readonly selected: T;
  readonly onSelect: (id: T) => void;
}

/** A few options of which one is in force. */
export function Choice<T extends string>({ label, options, selected, onSelect }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{label}</legend>
      {options.map(({ id, title, count }) => (
        <button key={id} type="button" aria-pressed={id === selected} onClick={() => onSelect(id)}>
          {title}
          {count !== undefined && <span class="quiet"> {formatCount(count)}</span>}
        </button>
      ))}
    </fieldset>
  );
}

import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'plain' | 'bad' | 'busy';

/** A state in a word. The dot's colour repeats what the word says. */
export function Badge({ tone, text }: { tone: Tone; text: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      <span class="dot" aria-hidden="true" />
      <span>{text}</span>
    </span>
  );
}

import { type Turn, unsaid } from '../../src/turn/turn.ts';

/** A turn that leaves everything to the model; tests say over it what they are about. */
export const plainTurn: Turn = {
  ...unsaid,
  model: 'm',
  messages: [],
  tools: [],
  toolChoice: { type: 'auto' },
  reasoning: { effort: undefined, summary: undefined },
  output: { type: 'text' },
  stream: true,
};

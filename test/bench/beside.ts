import { digits, times } from './figures.ts';
import type { PeerResult, Result } from './goals.ts';

type Measured = Exclude<PeerResult, { readonly leftOut: string }>;

/** The figures beside other programs as lines of cells, the head first; nothing where none was measured. */
export function besideCells(result: Result): readonly (readonly string[])[] {
  const measured = (result.peers ?? []).filter((peer): peer is Measured => !('leftOut' in peer));
  if (measured.length === 0) return [];
  const { rows, memory, start } = result;
  const line = (name: string, relay: string, own: number, of: (peer: Measured) => number) => [
    name,
    relay,
    digits(own),
    ...measured.map((peer) => digits(of(peer))),
  ];
  return [
    ['', 'relay', 'OpenCodex, translated', ...measured.map(({ name }) => name)],
    ...rows.flatMap(({ figure, values, ratios, peers }) => {
      if (peers === undefined) return [];
      const cell = (value = Number.NaN, ratio = Number.NaN) => `${digits(value)} (${times(ratio)})`;
      const others = measured.map(({ name }) => cell(peers[name]?.value, peers[name]?.ratio));
      return [
        [figure, digits(values.relay), cell(values.translated, ratios.translated), ...others],
      ];
    }),
    line('resident memory, idle (MiB)', '', memory.idle, (peer) => peer.memory.idle),
    line('resident memory, peak (MiB)', '', memory.peak, (peer) => peer.memory.peak),
    line(
      'start to first answer (ms)',
      digits(start.relayAnswerMs),
      start.answerMs,
      (peer) => peer.answerMs,
    ),
  ];
}

/** A sentence for each that is missing, with its reason. */
export function leftOutOf({ peers = [] }: Result): readonly string[] {
  return peers.flatMap((peer) =>
    'leftOut' in peer ? [`${peer.name} is left out: ${peer.leftOut}.`] : [],
  );
}

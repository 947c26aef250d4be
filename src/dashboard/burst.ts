/** Turns can begin and end in bursts; a page need not follow each one. */
const pauseMs = 200;

export interface Burst {
  /** One of a burst. */
  add(): void;
  /** The page is gone. */
  stop(): void;
}

/** Does something once for all that comes within a moment. */
export function burst(act: () => void): Burst {
  let timer: number | undefined;
  return {
    add: () => {
      timer ??= window.setTimeout(() => {
        timer = undefined;
        act();
      }, pauseMs);
    },
    stop: () => window.clearTimeout(timer),
  };
}

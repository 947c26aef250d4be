import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Under load V8 lets the space for new objects grow to 110 MB, of which a proxy has nothing: at 32 MB
 * it collects as fast. There is no option for it that a running program could set, so its growth ends
 * there. (A thread gets its limit with `resourceLimits`.)
 */
const enoughBytes = 32 * 1024 * 1024;

/** Ends the growth of the space for new objects once it is large enough. */
export function boundYoungSpace(): void {
  const observer = new PerformanceObserver(() => {
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    if (space === undefined || space.space_size < enoughBytes) return;
    observer.disconnect();
    setFlagsFromString('--semi-space-growth-factor=1');
    // Threads that begin later do not grow, either: they begin with what large bodies need.
    setFlagsFromString('--min-semi-space-size=8');
  });
  observer.observe({ entryTypes: ['gc'] });
}

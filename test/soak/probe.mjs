// Preloaded into the program under test: tells, when asked, what it holds after a collection.
process.on('message', () => {
  globalThis.gc?.();
  const held = {};
  for (const kind of process.getActiveResourcesInfo()) held[kind] = (held[kind] ?? 0) + 1;
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  process.send?.({ rss, heapUsed, arrayBuffers, held });
});
process.channel?.unref();

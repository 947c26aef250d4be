/** Waits until something is done, but not for longer than this, and not once there is a hurry. */
export async function within(
  done: Promise<unknown>,
  ms: number,
  hurry?: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const enough = (): void => resolve();
  const timer = setTimeout(enough, ms);
  hurry?.addEventListener('abort', enough);
  try {
    await Promise.race([done, promise]);
  } finally {
    clearTimeout(timer);
    hurry?.removeEventListener('abort', enough);
  }
}

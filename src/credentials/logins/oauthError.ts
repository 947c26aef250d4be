import * as z from 'zod/mini';

const bodySchema = z.object({
  error: z.string().check(z.regex(/^[a-z]+(?:_[a-z]+)*$/), z.maxLength(40)),
});

/**
 * The name of an OAuth error. Everything else in an error's body stays unread: services put tokens
 * and addresses there, and an object in place of the name says nothing about the login.
 */
export function oauthErrorOf(body: string): string | undefined {
  try {
    const read = bodySchema.safeParse(JSON.parse(body));
    return read.success ? read.data.error : undefined;
  } catch {
    return undefined;
  }
}

/** What `Retry-After` asks for, as a number of seconds or a date. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

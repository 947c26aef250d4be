import * as z from 'zod/mini';

/**
 * One thing that the management API does. The input's fields that the path names travel in the path,
 * the others in the query (GET, DELETE) or in a JSON body (POST, PUT).
 */
export interface Operation<I extends z.ZodMiniType, A extends z.ZodMiniType> {
  readonly input: I;
  readonly answer: A;
}

export function operation<I extends z.ZodMiniType, A extends z.ZodMiniType>(
  input: I,
  answer: A,
): Operation<I, A> {
  return { input, answer };
}

export const nothing = z.object({});

/** Done, and there is nothing more to say. */
export const done = z.object({ ok: z.literal(true) });

export function listOf<T extends z.ZodMiniType>(item: T) {
  return z.readonly(z.array(item));
}

/** A number that may come as the text of a query. */
export function queryNumber(least: number, most: number) {
  return z.coerce.number().check(z.int(), z.minimum(least), z.maximum(most));
}

export const name = z.string().check(z.minLength(1), z.maxLength(300));

import type * as z from 'zod/mini';

/** Parses JSON that was read from storage; undefined if it is absent or not what the schema says. */
export function parseStored<T>(schema: z.ZodMiniType<T>, text: string | undefined): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

import * as z from 'zod/mini';

/** A string that `read` parses; `undefined` is an error with this message. */
export function parsedString<T>(read: (text: string) => T | undefined, message: string) {
  return z.pipe(
    z.string(),
    z.transform((text, context): T => {
      const value = read(text);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    }),
  );
}

export const stringMatching = (pattern: RegExp, message: string) => z.string().check(z.regex(pattern, message));

/** A copy of the schema with a description for the API documents. */
export function withDescription<T extends z.core.$ZodType>(schema: T, description: string): T {
  const copy = z.clone(schema);
  z.globalRegistry.add(copy, { ...z.globalRegistry.get(schema), description });
  return copy;
}

/** An enumeration of a service that may return values other than these. */
export const openEnum = (values: readonly string[]) =>
  z.nullish(z.string()).register(z.globalRegistry, { examples: [...values] });

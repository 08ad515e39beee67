import * as z from 'zod/mini';

/** An enumeration of the service: these values, and whatever it may come up with. */
export const openEnum = (values: readonly string[]) =>
  z.nullish(z.string()).register(z.globalRegistry, { examples: [...values] });

import * as z from 'zod/mini';

const types = ['incident.update', 'machine.action', 'indicator.submit'] as const;

/** A Standard Webhooks message that runs an operation. Ignores other members, such as `timestamp` and `id`. */
export const command = z.object({
  type: z.enum(types),
  tenantId: z.optional(z.string()),
  data: z.record(z.string(), z.unknown()),
});
export type Command = z.output<typeof command>;

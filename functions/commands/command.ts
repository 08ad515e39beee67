import * as z from 'zod/mini';
import { withDescription } from '../../shared/schema.ts';

const types = ['incident.update', 'machine.action', 'indicator.submit'] as const;

/** A Standard Webhooks message that runs an operation. Ignores other members, such as `timestamp` and `id`. */
export const command = z.object({
  type: withDescription(z.enum(types), 'Operation to run'),
  tenantId: withDescription(z.optional(z.string()), 'Tenant, by ID or verified domain. Default: the home tenant.'),
  data: withDescription(
    z.record(z.string(), z.unknown()),
    'Input of the operation: its body, with the ID of the entity',
  ),
});
export type Command = z.output<typeof command>;

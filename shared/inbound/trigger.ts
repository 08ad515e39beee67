import type * as z from 'zod/mini';

/** That a workflow can begin with the operation: by asking it again and again, or by subscribing with it. */
export interface Trigger {
  kind: 'polling' | 'webhook';
  /** What a person has to do to see it work. */
  hint: string;
  /** What is sent to whoever has subscribed. */
  content?: { description: string; schema: z.ZodMiniType };
}

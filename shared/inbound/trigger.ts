import type * as z from 'zod/mini';

/** Makes an operation the trigger of a workflow, which polls it or subscribes with it. */
export interface Trigger {
  kind: 'polling' | 'webhook';
  /** How to cause an event, for a person who tests a workflow. */
  hint: string;
  /** What subscribers receive. */
  content?: { description: string; schema: z.ZodMiniType };
}

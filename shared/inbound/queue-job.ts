import type { InvocationContext } from '@azure/functions';
import type * as z from 'zod/mini';
import type { Log } from '../log.ts';
import type { Services } from '../services.ts';
import { createSafeLog, logFailure } from './boundary.ts';
import type { App } from './request-context.ts';

interface Declaration<Message extends z.ZodMiniType> {
  summary: string;
  /** The storage queue that triggers it. */
  queue: string;
  message: Message;
  /**
   * Delivery is at least once, possibly on two instances at the same time. If it throws, the platform delivers the message again, and moves
   * it to the poison queue after five attempts.
   */
  handle(services: Services, message: z.output<Message>, log: Log): Promise<void>;
}

/** A declared queue-triggered function. */
export interface QueueJob {
  kind: 'queueJob';
  summary: string;
  queue: string;
  run(app: App, entry: unknown, context: InvocationContext): Promise<void>;
}

export function queueJob<Message extends z.ZodMiniType>({
  summary,
  queue,
  message: schema,
  handle,
}: Declaration<Message>): QueueJob {
  return {
    kind: 'queueJob',
    summary,
    queue,
    async run(app, entry, context) {
      try {
        await handle(app.openServices(), parseMessage(schema, queue, entry), createSafeLog(context));
      } catch (error) {
        logFailure(context, error);
        throw error;
      }
    },
  };
}

/** The error names invalid members but no values: anyone with access to the queue can write anything. */
function parseMessage<Message extends z.ZodMiniType>(schema: Message, queue: string, entry: unknown) {
  const parsed = schema.safeParse(entry);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path }) => `/${path.map(String).join('/')}`);
  throw new TypeError(`Invalid message in the queue ${queue}: ${[...new Set(places)].join(', ')}`);
}

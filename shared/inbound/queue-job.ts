import type { InvocationContext } from '@azure/functions';
import type * as z from 'zod/mini';
import type { Services } from '../services.ts';
import type { App } from './app.ts';
import { logFailure } from './boundary.ts';

interface Declaration<Message extends z.ZodMiniType> {
  summary: string;
  /** The queue of the storage account whose messages set it off. */
  queue: string;
  message: Message;
  /**
   * A message comes at least once, maybe on two instances at the same time. Throwing gives it back to the platform, which brings it again
   * and after five tries puts it into the queue's poison queue.
   */
  handle(services: Services, message: z.output<Message>, context: InvocationContext): Promise<void>;
}

/** A declared function that messages of a queue set off. */
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
        await handle(app.openServices(), parseMessage(schema, queue, entry), context);
      } catch (error) {
        logFailure(context, error);
        throw error;
      }
    },
  };
}

/** The places that are wrong are told, and nothing of what is there: whoever can write to the queue may write anything. */
function parseMessage<Message extends z.ZodMiniType>(schema: Message, queue: string, entry: unknown) {
  const parsed = schema.safeParse(entry);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path }) => `/${path.map(String).join('/')}`);
  throw new TypeError(`A message in ${queue} is none of ours: ${[...new Set(places)].join(', ')}`);
}

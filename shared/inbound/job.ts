import type { InvocationContext, Timer } from '@azure/functions';
import type { Log } from '../log.ts';
import type { Services } from '../services.ts';
import { createSafeLog, logFailure } from './boundary.ts';
import type { App } from './request-context.ts';

interface Schedule {
  /** The setting with the NCRONTAB expression; undefined for a fixed schedule. */
  setting?: string;
  defaultValue: string;
}

interface Declaration {
  summary: string;
  schedule: Schedule;
  handle(services: Services, log: Log): Promise<void>;
}

/** A declared timer function. */
export interface Job {
  kind: 'job';
  summary: string;
  schedule: Schedule;
  run(app: App, timer: Timer, context: InvocationContext): Promise<void>;
}

export function job({ summary, schedule, handle }: Declaration): Job {
  return {
    kind: 'job',
    summary,
    schedule,
    async run(app, _timer, context) {
      try {
        await handle(app.openServices(), createSafeLog(context));
      } catch (error) {
        logFailure(context, error);
        throw error;
      }
    },
  };
}

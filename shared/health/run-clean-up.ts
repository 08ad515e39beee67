import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import { ConfigError, UpstreamError } from '../errors.ts';
import type { Log } from '../log.ts';
import { TimeoutError, withTimeout } from '../outbound/timeout.ts';

/** Removes one kind of expired rows and blobs. */
export interface CleanupStep {
  /** Name of the data in log lines. */
  name: string;
  /** Removes page by page, and stops after a page at `deadlineAt` (epoch milliseconds). The next run continues. */
  run(deadlineAt: number, log: Log): Promise<void>;
}

const budgetMs = 60_000;
/** For a step's last page. */
const graceMs = 30_000;
const concurrency = 4;

/**
 * Runs every step within its own budget. A step that fails or hangs does not affect the others.
 * @throws the first error that is neither of a service, a timeout nor a setting, after all steps.
 */
export async function cleanUp(steps: readonly CleanupStep[], clock: Clock, log: Log): Promise<void> {
  const bugs: unknown[] = [];
  const outcomes = await pMap(
    steps,
    async ({ name, run }) => {
      try {
        await withTimeout(clock, budgetMs + graceMs, () => run(clock.now() + budgetMs, log));
        return true;
      } catch (error) {
        const code = codeOf(error);
        if (code === undefined) bugs.push(error);
        log.warn(`Failed to remove expired ${name}: ${code ?? 'internal error'}`);
        return false;
      }
    },
    { concurrency },
  );
  log.info(`Clean-up: ${outcomes.filter(Boolean).length} of ${steps.length} steps succeeded.`);
  if (bugs.length > 0) throw bugs[0];
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof TimeoutError) return 'timeout';
  if (error instanceof ConfigError) return error.message;
  return error instanceof UpstreamError ? (error.upstream.code ?? error.failure) : undefined;
}

import { formatTicks, toEpochMs } from '../defender/ticks.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Observe } from '../outbound/observation.ts';
import { LeaseLostError } from '../storage/lease.ts';
import type { FeedRun } from './feed-run.ts';
import type { FeedState } from './feed-state.ts';
import type { PendingWindow } from './pending-window.ts';

interface ReportParts {
  tenantId: string;
  observe: Observe;
  log: Log;
}

const maxNamed = 10;

/** Reports the runs of a tenant's feed to operators. Never quotes what the service sent. */
export function createFeedReport({ tenantId, observe, log }: ReportParts) {
  return {
    quarantined({ window, failures }: PendingWindow, unversioned: readonly string[]): void {
      const { updatedFrom, updatedBefore = updatedFrom } = window;
      const cause =
        unversioned.length === 0
          ? 'failed'
          : `holds incidents without a usable id or lastUpdateTime (${unversioned.slice(0, maxNamed).join(', ')})`;
      const span = `${formatTicks(updatedFrom)}–${formatTicks(updatedBefore)}`;
      log.warn(`Tenant ${tenantId}: window ${span} ${cause} (attempt ${failures}); quarantined, will retry.`);
      const [from, before] = [toEpochMs(updatedFrom), toEpochMs(updatedBefore)];
      observe({
        name: 'WindowQuarantined',
        tenantId,
        from,
        before,
        attempts: failures,
        unversioned: unversioned.length,
      });
    },
    /** The next minute tries again: redelivering the message would not help. */
    failed(error: UpstreamError | RequestError): void {
      const line = `Tenant ${tenantId}: failed to read incidents: ${describeFailure(error)}`;
      // `checkCredentials` warns of a tenant without consent, once an hour.
      if (error instanceof RequestError && error.code === 'ConsentRequired') log.info(line);
      else log.warn(line);
    },
    /** The heartbeat of every run. */
    ended({ totals }: FeedRun, { caughtUpAt }: FeedState, now: number, error?: unknown): void {
      const lagMs = caughtUpAt === undefined ? undefined : Math.max(0, now - caughtUpAt);
      const code = toCode(error);
      observe({
        name: 'IncidentFeedRun',
        tenantId,
        ...totals,
        succeeded: error === undefined,
        ...(lagMs !== undefined && { lagMs }),
        ...(code !== undefined && { code }),
      });
    },
  };
}

function toCode(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  if (error instanceof RequestError || error instanceof UpstreamError) return toFailureCode(error);
  return error instanceof LeaseLostError ? 'LeaseLost' : 'InternalError';
}

/** One code that names the failure: Defender's, or the app's own. */
const toFailureCode = (error: UpstreamError | RequestError): string =>
  error instanceof RequestError ? error.code : (error.upstream.code ?? error.failure);

/** Codes only: a sentence of a service may quote the request. */
function describeFailure(error: UpstreamError | RequestError): string {
  const { service, status, code } = error.upstream ?? {};
  const own = error instanceof RequestError ? error.code : error.failure;
  return [own, service, status, code].filter((part) => part !== undefined).join(' ');
}

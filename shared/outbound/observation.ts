import type { Api } from '../clouds.ts';
import type { UpstreamService } from '../errors.ts';

/** An event for operators: names, numbers and codes only, never a secret, token, body, URL or query. */
export type Observation =
  | { name: 'TokenAcquisition'; tenantId: string; api: Api; durationMs: number; succeeded: boolean; code?: string }
  | { name: 'SecretRead'; durationMs: number; succeeded: boolean; code?: string }
  | {
      name: 'UpstreamCall';
      service: UpstreamService;
      operation: string;
      tenantId: string;
      durationMs: number;
      /** Absent without a response. */
      status?: number;
      succeeded: boolean;
    }
  | { name: 'ThrottlingWait'; service: UpstreamService; tenantId: string; waitMs: number }
  | { name: 'CredentialExpiry'; credential: string; daysLeft: number }
  | { name: 'CredentialExpiring' | 'CredentialExpired'; credential: string; daysLeft?: number; expiresAt?: number }
  | { name: 'TenantFailure'; tenantId: string; code: string }
  /** The heartbeat of a tenant's incident feed. */
  | {
      name: 'IncidentFeedRun';
      tenantId: string;
      succeeded: boolean;
      /** Calls of Defender. */
      calls: number;
      published: number;
      /** New versions from before the first listener: recorded, not published. */
      baseline: number;
      /** Versions that were recorded before. */
      suppressed: number;
      /** Windows that could not be read. They are retried. */
      quarantined: number;
      /** Time since the feed had last read everything. Absent until the first time. */
      lagMs?: number;
      code?: string;
    }
  /** Instants are epoch milliseconds. `unversioned`: incidents without a usable id or time, if these are the cause. */
  | { name: 'WindowQuarantined'; tenantId: string; from: number; before: number; attempts: number; unversioned: number }
  /** An event that could not be delivered within 24 hours, now a dead letter. */
  | {
      name: 'DeliveryGivenUp';
      tenantId: string;
      subscriptionId: string;
      /** Type of the event, such as `incident.created`. */
      type: string;
      attempts: number;
      /** How the last attempt failed: an HTTP status or a connection error. */
      code?: string;
    }
  | ({ name: 'WriteStarted' } & Write)
  | ({
      name: 'WriteEnded';
      /** `succeeded` or a problem code. */
      result: string;
      /** Id of the created entity. */
      resultId?: string;
      durationMs: number;
    } & Write);

/** A change that a caller asks for: who does what, and where. */
interface Write {
  operation: string;
  tenantId: string;
  caller: 'user' | 'application' | 'functionKey' | 'signedCommand';
  /** Object id (`oid`) of the user or of the application's service principal, from a validated token. */
  callerId?: string | undefined;
  /** Client id of the application that requested the token. */
  appId?: string | undefined;
  /** The role that allowed the operation; absent if none was needed. */
  role?: string | undefined;
  /** What it changes, such as `incident`. */
  targetType?: string;
  targetId?: string;
}

/** Never throws where the app uses it, see `createSafeObserve`. */
export type Observe = (observation: Observation) => void;

/** Drops an observation that cannot be recorded: it must not affect the call that it is about. */
export function createSafeObserve(observe: Observe): Observe {
  return (observation) => {
    try {
      observe(observation);
    } catch {
      // Dropped alone.
    }
  };
}

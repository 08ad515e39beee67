import type { Api } from '../clouds.ts';
import type { UpstreamService } from '../errors.ts';

/** What operators want to know of calling out. Holds names, numbers and codes only: never a secret, token, body or query. */
export type Observation =
  | { name: 'TokenAcquisition'; tenantId: string; api: Api; durationMs: number; succeeded: boolean; code?: string }
  | { name: 'SecretRead'; durationMs: number; succeeded: boolean; code?: string }
  | {
      name: 'UpstreamCall';
      service: UpstreamService;
      operation: string;
      tenantId: string;
      durationMs: number;
      /** Absent when no answer came. */
      status?: number;
      succeeded: boolean;
    }
  | { name: 'ThrottlingWait'; service: UpstreamService; tenantId: string; waitMs: number }
  | { name: 'CredentialExpiry'; credential: string; daysLeft: number }
  | { name: 'CredentialExpiring' | 'CredentialExpired'; credential: string; daysLeft?: number; expiresAt?: number }
  | { name: 'TenantFailure'; tenantId: string; code: string }
  /** How long ago the newest incident was updated that was handed on. */
  | { name: 'IncidentFeedLag'; tenantId: string; lagMs: number }
  | {
      name: 'IncidentsPublished';
      tenantId: string;
      published: number;
      /** Seen again, and known already. */
      suppressed: number;
      /** What cannot be read, and is tried again later. */
      quarantined: number;
    }
  | ({ name: 'WriteStarted' } & Write)
  | ({
      name: 'WriteEnded';
      /** `succeeded` or a problem code. */
      result: string;
      /** Id of what was created. */
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
  /** What it changes, such as `incident`. */
  targetType?: string;
  targetId?: string;
}

export type Observe = (observation: Observation) => void;

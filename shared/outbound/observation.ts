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
  | ({ name: 'WriteStarted' } & Write)
  | ({ name: 'WriteEnded'; result: string; durationMs: number } & Write);

/** A change that a caller asks for: who does what, and where. */
interface Write {
  operation: string;
  tenantId: string;
  caller: 'user' | 'application' | 'functionKey';
  /** The user's object id, or the application's client id. */
  callerId?: string | undefined;
}

export type Observe = (observation: Observation) => void;

import type { HttpMethods } from '@azure/core-rest-pipeline';
import type { Permission } from './permissions.ts';

/** One request to an API of Defender. */
export interface Call {
  /** Name in telemetry, such as `incidents.list`. */
  operation: string;
  method: HttpMethods;
  /** Path and query. The permission's API gives the host. */
  path: string;
  body?: unknown;
  permission: Permission;
  /** Value of the `Prefer` header. */
  prefer?: string;
  /** Whether repeating the call does no harm, so that it may be retried after a lost response. */
  isIdempotent: boolean;
  /** Disables retries, for a caller that counts its calls. */
  noRetry?: boolean;
  /** Consumes a successful response while it arrives; `send` then returns an empty text. Called again for each attempt. */
  receive?: (chunks: AsyncIterable<string>) => Promise<void>;
  /** Timeout of one attempt. Default: `UPSTREAM_TIMEOUT_SECONDS`. */
  attemptTimeoutMs?: number;
  /** Timeout of the whole call, counted from the start of the caller's request. Default: 100 s. */
  totalTimeoutMs?: number;
}

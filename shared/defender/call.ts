import type { HttpMethods } from '@azure/core-rest-pipeline';
import type { Permission } from './permissions.ts';

/** One question to an API of Defender. */
export interface Call {
  /** What it is, for telemetry: `incidents.list`. */
  operation: string;
  method: HttpMethods;
  /** Path and query on the API's host. */
  path: string;
  body?: unknown;
  permission: Permission;
  /** The header `Prefer`. */
  prefer?: string;
  /** Whether asking twice does no harm, so that a lost answer may be asked for again. */
  isIdempotent: boolean;
  /** Whether it is not asked again, whatever comes of it: the caller sees to that. */
  noRetry?: boolean;
  /** Takes a successful answer while it arrives, in place of the text that it would be. It begins anew with every attempt. */
  receive?: (chunks: AsyncIterable<string>) => Promise<void>;
  /** For one attempt, when it is not the configured default. */
  attemptTimeoutMs?: number;
  /** For the call as a whole, from the start of the caller's request. */
  totalTimeoutMs?: number;
}

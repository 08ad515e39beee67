import type * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Services } from '../services.ts';
import type { CallRequest } from './call-request.ts';
import type { Reply, ReplyFormat } from './reply.ts';
import type { Trigger } from './trigger.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** What the app is: what it offers, and the services that do the work, which need settings that may be wrong. */
export interface App {
  version: string;
  clock: Clock;
  endpoints: ReadonlyMap<string, Endpoint>;
  /** @throws {ConfigError} when settings are missing or wrong. */
  openServices(): Services;
}

/** One call of an endpoint. */
export interface Invocation {
  operation: string;
  app: App;
  request: CallRequest;
  clientRequestId: string;
  /** Epoch milliseconds. */
  startedAt: number;
  log: Log;
}

/** A declared HTTP function: the one source of its registration, validation, types and OpenAPI entry. */
export interface Endpoint {
  kind: 'endpoint';
  method: Method;
  route: string;
  summary: string;
  description: string | undefined;
  authLevel: 'function' | 'anonymous';
  /** Whether the caller chooses a tenant with `tenantId`. */
  hasTenant: boolean;
  changesDefender: boolean;
  takesIdempotencyKey: boolean;
  supportsRespondAsync: boolean;
  path: z.ZodMiniObject;
  query: z.ZodMiniObject;
  body: z.ZodMiniType | undefined;
  bodyTypes: readonly string[];
  hasHandshake: boolean;
  trigger: Trigger | undefined;
  internal: boolean;
  reply: Pick<ReplyFormat<never>, 'contents' | 'acceptedContents' | 'description' | 'statuses' | 'isPage'>;
  /** Answers one call, or throws what the boundary makes a problem reply of. */
  answer(invocation: Invocation): Promise<Reply>;
}

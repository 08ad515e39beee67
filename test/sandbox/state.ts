import type { IssuedToken } from './app-token.ts';
import type { Behavior } from './behavior.ts';
import type { CloudReply, CloudRequest } from './exchange.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { TenantSecurity } from './tenant-security.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { ReceivedMessage } from './webhook-receiver.ts';
import type { World } from './world.ts';

/** What the services of one cloud share. */
export interface SandboxState {
  readonly world: World;
  readonly behavior: Behavior;
  readonly tokens: TokenIssuer;
  readonly limiter: RateLimiter;
  /** What the platform remembers for `cachesIdentityTokens`, by identity and resource. */
  readonly identityTokens: Map<string, IssuedToken>;
  readonly now: () => number;
  /** Messages delivered to subscribers, in order of arrival. */
  readonly received: ReceivedMessage[];
  /** Incidents and hunting tables of a tenant, made when first asked for. */
  readonly securityOf: (tenantId: string) => TenantSecurity;
}

export type Service = (request: CloudRequest, state: SandboxState) => CloudReply | Promise<CloudReply>;

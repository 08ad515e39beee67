import { type Administrator, createAdministrator } from './administrator.ts';
import type { IssuedToken } from './app-token.ts';
import { type Behavior, createBehavior } from './behavior.ts';
import { type CallLog, createCallLog } from './call-log.ts';
import { createWorld } from './create-world.ts';
import { defenderForEndpoint } from './defender-for-endpoint.ts';
import { defenderXdr } from './defender-xdr.ts';
import { entra } from './entra.ts';
import type { CloudReply, CloudRequest } from './exchange.ts';
import { createFaults, type Faults } from './faults.ts';
import { graph } from './graph.ts';
import { keyVault } from './key-vault.ts';
import { managedIdentity } from './managed-identity.ts';
import { type NationalCloud, type ServiceName, serviceAt } from './national-cloud.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { type AppSignInOptions, type SignInOptions, signIn, signInApp } from './sign-in.ts';
import type { SandboxState, Service } from './state.ts';
import { createTenantSecurity, type TenantSecurity } from './tenant-security.ts';
import { createTokenIssuer } from './token-issuer.ts';
import type { User } from './user.ts';
import { type ReceivedMessage, webhookReceiver } from './webhook-receiver.ts';
import { findTenant, type World } from './world.ts';

export interface CloudOptions {
  /** Epoch milliseconds; the clock of everything in the cloud. */
  readonly now?: () => number;
  readonly nationalCloud?: NationalCloud;
  readonly behavior?: Partial<Behavior>;
  /** Makes every incident at least this big as JSON; 12,000 is what the real service sends. */
  readonly minimumIncidentBytes?: number;
}

/**
 * The part of the Microsoft cloud that the app talks to, in one process and without a socket: managed identity, Key
 * Vault, Entra, Defender XDR, Defender for Endpoint and Microsoft Graph under their production host names.
 *
 * - `handle` answers one request. `proxy.ts` serves it to a whole process, `in-memory-http-client.ts` to one pipeline.
 * - `world` is who there is and who may do what; `administrator` changes it as people would.
 * - `securityOf(tenantId)` has a tenant's incidents, machines and hunting tables, made when first asked for and always the same.
 * - `behavior` holds switches for undocumented behavior of the real services; `faults` make any service fail.
 * - `signIn` gives the token for the app that a client sends with a user's request, `signInApp` another application's.
 * - `calls` is every request that came, without its credentials.
 *
 * A new service is one file with a `Service`, a host in `national-cloud.ts` and a line in `services` below.
 */
export interface Cloud {
  readonly now: () => number;
  readonly world: World;
  readonly administrator: Administrator;
  readonly behavior: Behavior;
  readonly faults: Faults;
  readonly calls: CallLog;
  /** Messages posted to a host on logic.azure.com. */
  readonly received: ReceivedMessage[];
  securityOf(tenantId: string): TenantSecurity;
  signIn(user: User, options?: SignInOptions): Promise<string>;
  signInApp(options?: AppSignInOptions): Promise<string>;
  /** Entra signs with a new key from now on. */
  rollSigningKey(): Promise<void>;
  handle(request: CloudRequest): Promise<CloudReply>;
}

const services: Readonly<Record<ServiceName, Service>> = {
  managedIdentity,
  keyVault,
  entra,
  defenderXdr,
  defenderForEndpoint,
  graph,
  webhookReceiver,
};

export function createCloud({
  now = Date.now,
  nationalCloud = 'public',
  behavior: changes = {},
  minimumIncidentBytes = 0,
}: CloudOptions = {}): Cloud {
  const world = createWorld(now(), nationalCloud);
  const behavior = createBehavior(changes);
  const calls = createCallLog(now);
  const faults = createFaults();
  const securityByTenant = new Map<string, TenantSecurity>();

  function securityOf(tenantId: string): TenantSecurity {
    const known = securityByTenant.get(tenantId);
    if (known) return known;
    const tenant = findTenant(world, tenantId);
    if (!tenant) throw new Error(`There is no tenant ${tenantId} in the sandbox`);
    const created = createTenantSecurity(tenant, now, minimumIncidentBytes);
    securityByTenant.set(tenantId, created);
    return created;
  }

  const limiter = createRateLimiter(now, behavior);
  const tokens = createTokenIssuer(now);
  const identityTokens = new Map<string, IssuedToken>();
  const received: ReceivedMessage[] = [];
  const state: SandboxState = { world, behavior, tokens, limiter, identityTokens, now, received, securityOf };

  async function handle(request: CloudRequest): Promise<CloudReply> {
    const name = serviceAt(new URL(request.url), nationalCloud);
    const finish = calls.record(name ?? 'unknown', request);
    const reply: CloudReply = name
      ? await faults.apply(name, request, async () => services[name](request, state))
      : { broken: 'ENOTFOUND' };
    finish(reply);
    return reply;
  }

  return {
    now,
    world,
    administrator: createAdministrator(world, now),
    behavior,
    faults,
    calls,
    received,
    securityOf,
    signIn: (user, options) => signIn(state, user, options),
    signInApp: (options) => signInApp(state, options),
    rollSigningKey: tokens.rollKey,
    handle,
  };
}

import { type CloudName, cloudEndpoints } from '../../../shared/clouds.ts';
import type { Config } from '../../../shared/config.ts';
import { type CallContext, createDefenderClient, type DefenderDependencies } from '../../../shared/defender/client.ts';
import { createDefender } from '../../../shared/defender/defender.ts';
import type { Observation } from '../../../shared/outbound/observation.ts';
import { createTransport } from '../../../shared/outbound/transport.ts';
import { machineActionTypes } from '../../../shared/settings.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import type { TenantOutcome } from '../../../shared/tokens/tenant-outcome.ts';
import { createTokenProvider } from '../../../shared/tokens/token-provider.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient, type ScriptedStep } from '../fake-http-client.ts';
import { clientId, homeTenantId } from '../settings.ts';

interface Options {
  /** Responses of the service in order. */
  script?: ScriptedStep[];
  /** The application permissions that tokens carry. */
  permissions?: string[];
  /** Replaces the token response of Entra. */
  refuseToken?: () => never;
  cloud?: CloudName;
  region?: string;
  upstreamTimeoutMs?: number;
  /** Time since the caller's request began. */
  elapsedMs?: number;
  context?: Partial<CallContext>;
}

/** A JWT with readable claims, as Entra issues them. The number distinguishes successive tokens. */
export const createToken = (number: number, roles: string[] | undefined): string =>
  `header${number}.${Buffer.from(JSON.stringify({ roles })).toString('base64url')}.signature`;

/** Dependencies of a Defender client over a scripted network. Back-off uses its shortest pauses: 250 ms, 500 ms, 1 s. */
function openWorld({ script = [], permissions, refuseToken, cloud = 'public', region, ...options }: Options) {
  const clock = createFakeClock();
  const httpClient = createFakeHttpClient(...script);
  const observations: Observation[] = [];
  const outcomes: TenantOutcome[] = [];
  const scopes: string[] = [];
  const observe = (observation: Observation) => {
    observations.push(observation);
  };
  const endpoints = cloudEndpoints(cloud, region);
  const credential = {
    async requestToken({ tenantId }: Principal, scope: string) {
      scopes.push(`${tenantId} ${scope}`);
      refuseToken?.();
      return { token: createToken(scopes.length, permissions), expiresOnTimestamp: clock.now() + 3_600_000 };
    },
  };
  const tokens = createTokenProvider({ clock, credential, resourceOf: (api) => endpoints.apis[api].resource, observe });
  const world: DefenderDependencies = {
    send: createTransport(httpClient),
    tokens,
    clock,
    random: () => 0,
    cloud: endpoints,
    clientId,
    grantee: 'application',
    recordOutcome: (outcome) => outcomes.push(outcome),
    upstreamTimeoutMs: options.upstreamTimeoutMs ?? 30_000,
    observe,
  };
  const context: CallContext = {
    principal: { kind: 'application', tenantId: homeTenantId },
    isHomeTenant: true,
    startedAt: clock.now() - (options.elapsedMs ?? 0),
    clientRequestId: 'caller-id',
    ...options.context,
  };
  const startedAt = clock.now();
  return {
    world,
    context,
    clock,
    httpClient,
    observations,
    outcomes,
    scopes,
    elapsedMs: () => clock.now() - startedAt,
  };
}

export function openClient(options: Options = {}) {
  const opened = openWorld(options);
  return { ...opened, client: createDefenderClient(opened.world, opened.context) };
}

export function openDefender(options: Options & Partial<Pick<Config, 'huntingApi' | 'machineActions'>> = {}) {
  const opened = openWorld(options);
  const { huntingApi = 'graph', machineActions = machineActionTypes } = options;
  const config = { huntingApi, machineActions };
  return { ...opened, defender: createDefender(opened.world, config, opened.context) };
}

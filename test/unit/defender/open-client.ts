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
  /** How the service answers, request by request. */
  script?: ScriptedStep[];
  /** The application permissions that tokens carry. */
  permissions?: string[];
  /** What Entra does instead of issuing a token. */
  refuseToken?: () => never;
  cloud?: CloudName;
  region?: string;
  upstreamTimeoutMs?: number;
  /** How long ago the caller's request began. */
  elapsedMs?: number;
  context?: Partial<CallContext>;
}

/** A token as Entra's look: a JWT whose claims are readable. The number tells the first from the next. */
export const createToken = (number: number, roles: string[] | undefined): string =>
  `header${number}.${Buffer.from(JSON.stringify({ roles })).toString('base64url')}.signature`;

/** What Defender's APIs are asked with, over a scripted network. Back-off takes its shortest pauses: 250 ms, 500 ms, 1 s. */
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

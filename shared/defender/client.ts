import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import type { Api, Cloud } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { Observe } from '../outbound/observation.ts';
import { withRetries } from '../outbound/retry.ts';
import { TimeoutError, withTimeout } from '../outbound/timeout.ts';
import type { Send } from '../outbound/transport.ts';
import { connectionCode } from '../outbound/watched-http-client.ts';
import type { Principal } from '../tokens/principal.ts';
import { type TenantOutcome, toTenantOutcome } from '../tokens/tenant-outcome.ts';
import type { AccessToken, TokenProvider } from '../tokens/token-provider.ts';
import { serviceOf, toApiError } from './api-error.ts';
import type { Call } from './call.ts';
import type { Grantee } from './permission-grant.ts';
import type { Permission } from './permissions.ts';
import { toRefusal, toTokenRefusal } from './refusal.ts';
import { createPausePolicy, toThrottled } from './retry-policy.ts';

/** As whom, for whom and since when we ask. */
export interface CallContext {
  principal: Principal;
  isHomeTenant: boolean;
  startedAt: number;
  clientRequestId: string;
}

export interface DefenderWorld {
  send: Send;
  tokens: TokenProvider;
  clock: Clock;
  random: () => number;
  cloud: Cloud;
  clientId: string;
  grantee: Grantee;
  upstreamTimeoutMs: number;
  observe: Observe;
  note: (outcome: TenantOutcome) => void;
}

/** The APIs of Defender as one principal in one tenant: it cannot ask as anyone else. */
export interface DefenderClient {
  /**
   * The text of a successful answer.
   * @throws {RequestError} 403 and 429, which the caller can act on.
   * @throws {UpstreamError} whatever else the service, or one of the steps to a token, came to.
   */
  send(call: Call): Promise<string>;
  originOf(api: Api): string;
}

const totalTimeoutMs = 100_000;

export function createDefenderClient(world: DefenderWorld, context: CallContext): DefenderClient {
  const { tokens, clock, cloud } = world;
  const { principal } = context;

  async function sendOnce(call: Call, token: AccessToken, deadlineAt: number): Promise<PipelineResponse> {
    const { api } = call.permission;
    const startedAt = clock.now();
    const limitMs = Math.min(call.attemptTimeoutMs ?? world.upstreamTimeoutMs, deadlineAt - startedAt);
    let response: PipelineResponse | undefined;
    try {
      // Nothing is sent for a caller who has been told already that it took too long.
      if (limitMs <= 0) throw new TimeoutError('The time of the call is up');
      response = await withTimeout(clock, limitMs, (abortSignal) =>
        world.send(
          createPipelineRequest({
            url: cloud.apis[api].origin + call.path,
            method: call.method,
            headers: createHttpHeaders({
              authorization: `Bearer ${token.token}`,
              accept: 'application/json',
              [api === 'graph' ? 'client-request-id' : 'x-ms-client-request-id']: context.clientRequestId,
              ...(call.prefer !== undefined && { prefer: call.prefer }),
              ...(call.body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
            }),
            ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
            abortSignal,
          }),
          call.receive,
        ),
      );
      return response;
    } catch (error) {
      // Of whoever takes the answer while it arrives.
      if (error instanceof UpstreamError || error instanceof RequestError) throw error;
      throw toSendError(api, error);
    } finally {
      world.observe({
        name: 'UpstreamCall',
        service: serviceOf(api),
        operation: call.operation,
        tenantId: principal.tenantId,
        durationMs: clock.now() - startedAt,
        succeeded: response !== undefined && response.status < 400,
        ...(response && { status: response.status }),
      });
    }
  }

  async function getToken(permission: Permission): Promise<AccessToken> {
    try {
      return await tokens.getToken(principal, permission.api);
    } catch (error) {
      throw toTokenRefusal(error, permission, { ...context, ...world });
    }
  }

  /** A 401 forgets the token and is tried once more with a new one. */
  async function sendAuthorized(call: Call, deadlineAt: number): Promise<string> {
    const { api } = call.permission;
    const token = await getToken(call.permission);
    const response = await sendOnce(call, token, deadlineAt);
    if (response.status !== 401) return readAnswer(call, response, token);

    tokens.forget(principal, api, token);
    const newToken = await getToken(call.permission);
    return readAnswer(call, await sendOnce(call, newToken, deadlineAt), newToken);
  }

  function readAnswer(call: Call, response: PipelineResponse, token: AccessToken): string {
    if (response.status >= 200 && response.status < 300) return response.bodyAsText ?? '';
    const { api } = call.permission;
    const error = toApiError(api, response, clock.now());
    if (response.status !== 403) throw error;
    // A role that was granted meanwhile is only in a new token.
    tokens.forget(principal, api, token);
    throw toRefusal(error, token.token, call.permission, { ...context, ...world });
  }

  return {
    originOf: (api) => cloud.apis[api].origin,
    async send(call) {
      const deadlineAt = context.startedAt + (call.totalTimeoutMs ?? totalTimeoutMs);
      const { tenantId } = principal;
      const pauseMs = createPausePolicy({ ...world, call, tenantId, deadlineAt });
      try {
        const text = await withTimeout(clock, Math.max(0, deadlineAt - clock.now()), () =>
          withRetries({ clock, pauseMs }, () => sendAuthorized(call, deadlineAt)),
        );
        world.note({ kind: 'succeeded', tenantId });
        return text;
      } catch (error) {
        const told = error instanceof TimeoutError ? toSendError(call.permission.api, error) : error;
        const outcome = toTenantOutcome(tenantId, told);
        if (outcome !== undefined) world.note(outcome);
        throw toThrottled(told, call.permission.api);
      }
    },
  };
}

function toSendError(api: Api, error: unknown): UpstreamError {
  const service = serviceOf(api);
  if (error instanceof TimeoutError) {
    return new UpstreamError('The service did not answer in time.', { service, failure: 'timeout', cause: error });
  }
  const code = connectionCode(error);
  return new UpstreamError('The connection to the service broke.', { service, failure: 'connection', code });
}

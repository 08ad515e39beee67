import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import type { Api, ApiAddress, Cloud } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import { toConnectionFailure } from '../outbound/connection-failure.ts';
import type { Observe } from '../outbound/observation.ts';
import { withRetries } from '../outbound/retry.ts';
import { TimeoutError, withTimeout } from '../outbound/timeout.ts';
import type { Send } from '../outbound/transport.ts';
import { toInteractionRequired } from '../tokens/interaction-required.ts';
import type { Principal } from '../tokens/principal.ts';
import { type TenantOutcome, toTenantFailure, toTenantSuccess } from '../tokens/tenant-outcome.ts';
import type { AccessToken, TokenProvider } from '../tokens/token-provider.ts';
import { serviceOf, toApiError } from './api-error.ts';
import type { Call } from './call.ts';
import type { Grantee, Permission } from './permissions.ts';
import { createRetryPolicy, toThrottled } from './retry-policy.ts';

/** The principal and tenant that a client is bound to, and the request that it serves. */
export interface CallContext {
  principal: Principal;
  isHomeTenant: boolean;
  /** When the caller's request began. Epoch milliseconds. */
  startedAt: number;
  clientRequestId: string;
}

export interface DefenderDependencies {
  send: Send;
  tokens: TokenProvider;
  clock: Clock;
  /** From 0 up to, not including, 1. */
  random: () => number;
  cloud: Cloud;
  clientId: string;
  grantee: Grantee;
  upstreamTimeoutMs: number;
  observe: Observe;
  recordOutcome: (outcome: TenantOutcome) => void;
}

/** The APIs of Defender, bound to one principal in one tenant. */
export interface DefenderClient {
  /**
   * Sends a call and returns the text of a 2xx response.
   * @throws {RequestError} for 403 and 429.
   * @throws {UpstreamError} for any other failure of the API or of token acquisition.
   */
  send(call: Call): Promise<string>;
  addressOf(api: Api): ApiAddress;
  /** When the caller's request began. Epoch milliseconds. */
  startedAt: number;
}

const maxCallMs = 100_000;

export function createDefenderClient(dependencies: DefenderDependencies, context: CallContext): DefenderClient {
  const { tokens, clock, cloud } = dependencies;
  const { principal } = context;
  const { tenantId } = principal;

  async function sendOnce(call: Call, token: AccessToken, deadlineAt: number): Promise<PipelineResponse> {
    const { api } = call.permission;
    const startedAt = clock.now();
    const limitMs = Math.min(call.attemptTimeoutMs ?? dependencies.upstreamTimeoutMs, deadlineAt - startedAt);
    let response: PipelineResponse | undefined;
    try {
      // The caller has already been answered with 504.
      if (limitMs <= 0) throw new TimeoutError('The call has no time left');
      response = await withTimeout(clock, limitMs, (abortSignal) =>
        dependencies.send(toRequest(call, token, abortSignal), call.receive),
      );
      return response;
    } catch (error) {
      // Raised by `receive`.
      if (error instanceof UpstreamError || error instanceof RequestError) throw error;
      throw toSendError(api, error);
    } finally {
      dependencies.observe({
        name: 'UpstreamCall',
        service: serviceOf(api),
        operation: call.operation,
        tenantId,
        durationMs: clock.now() - startedAt,
        succeeded: response !== undefined && response.status < 400,
        ...(response && { status: response.status }),
      });
    }
  }

  function toRequest(
    { permission, path, method, prefer, body }: Call,
    { token }: AccessToken,
    abortSignal: AbortSignal,
  ) {
    const { api } = permission;
    return createPipelineRequest({
      url: cloud.apis[api].origin + path,
      method,
      headers: createHttpHeaders({
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        [api === 'graph' ? 'client-request-id' : 'x-ms-client-request-id']: context.clientRequestId,
        ...(prefer !== undefined && { prefer }),
        ...(body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
      }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      abortSignal,
    });
  }

  async function getToken(permission: Permission): Promise<AccessToken> {
    try {
      return await tokens.getToken(principal, permission.api);
    } catch (error) {
      const { toConsentError } = await import('./authorization-error.ts');
      throw toConsentError(error, permission, { ...context, ...dependencies });
    }
  }

  /** Drops the token after a 401 and repeats the call once with a new one. A user must answer a lasting claims challenge. */
  async function sendAuthorized(call: Call, deadlineAt: number): Promise<string> {
    const token = await getToken(call.permission);
    const response = await sendOnce(call, token, deadlineAt);
    if (response.status !== 401) return await readResponse(call, response, token);

    tokens.forget(principal, call.permission.api, token);
    const newToken = await getToken(call.permission);
    const secondResponse = await sendOnce(call, newToken, deadlineAt);
    if (secondResponse.status === 401 && principal.kind === 'user') {
      const claims = parseClaimsChallenge(secondResponse.headers.get('www-authenticate'));
      const { upstream } = toApiError(call.permission.api, secondResponse, clock.now());
      if (claims !== undefined) throw toInteractionRequired(upstream, claims);
    }
    return await readResponse(call, secondResponse, newToken);
  }

  async function readResponse(call: Call, response: PipelineResponse, token: AccessToken): Promise<string> {
    if (response.status >= 200 && response.status < 300) return response.bodyAsText ?? '';
    const { api } = call.permission;
    const error = toApiError(api, response, clock.now());
    if (response.status !== 403) throw error;
    // Only a new token has a role that was granted since.
    tokens.forget(principal, api, token);
    const { toForbiddenError } = await import('./authorization-error.ts');
    throw toForbiddenError(error, token.token, call.permission, { ...context, ...dependencies });
  }

  const record = (outcome: TenantOutcome | undefined): void => {
    if (outcome !== undefined) dependencies.recordOutcome(outcome);
  };

  return {
    addressOf: (api) => cloud.apis[api],
    startedAt: context.startedAt,
    async send(call) {
      const deadlineAt = context.startedAt + (call.totalTimeoutMs ?? maxCallMs);
      const pauseMs = createRetryPolicy({ ...dependencies, call, tenantId, deadlineAt });
      try {
        const text = await withTimeout(clock, Math.max(0, deadlineAt - clock.now()), () =>
          withRetries({ clock, pauseMs }, () => sendAuthorized(call, deadlineAt)),
        );
        record(toTenantSuccess(principal));
        return text;
      } catch (error) {
        const failure = error instanceof TimeoutError ? toSendError(call.permission.api, error) : error;
        record(toTenantFailure(principal, failure));
        throw toThrottled(failure, call.permission.api);
      }
    },
  };
}

/** The claims of a challenge as JSON. APIs send them in Base64, some of them in Base64url. */
function parseClaimsChallenge(header: string | undefined): string | undefined {
  const [, encoded] = /\bclaims="?([A-Za-z0-9+/_=-]+)"?/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  try {
    return JSON.stringify(JSON.parse(Buffer.from(encoded, 'base64').toString()));
  } catch {
    return undefined;
  }
}

function toSendError(api: Api, error: unknown): UpstreamError {
  const service = serviceOf(api);
  if (error instanceof TimeoutError) {
    return new UpstreamError('The service did not respond in time.', { service, failure: 'timeout', cause: error });
  }
  const failure = toConnectionFailure(error);
  return new UpstreamError('The connection to the service failed.', { service, failure: 'connection', ...failure });
}

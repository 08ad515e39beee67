import { isRestError, type RestError } from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import { RequestError, UpstreamError } from '../errors.ts';
import { toConnectionFailure } from '../outbound/connection-failure.ts';
import { parseRetryAfterMs } from '../outbound/retry-after.ts';
import { TimeoutError } from '../outbound/timeout.ts';

const service = 'storage';

/** Translates what a call of an SDK client threw. The result holds no entity, and nothing of the URL, which may be signed. */
export function toStorageError(error: unknown, now: number): UpstreamError | RequestError {
  // The managed identity's token could not be acquired.
  if (error instanceof UpstreamError || error instanceof RequestError) return error;
  if (error instanceof TimeoutError)
    return new UpstreamError('Azure Storage did not respond within 10 seconds.', {
      service,
      failure: 'timeout',
      nextStep: unreachable,
    });
  if (!isRestError(error)) return toMalformed({ cause: error });
  if (error.statusCode === undefined)
    return new UpstreamError('Could not connect to Azure Storage.', {
      service,
      failure: 'connection',
      ...toConnectionFailure(error),
      nextStep: unreachable,
    });
  return toRefusal(error, error.statusCode, now);
}

const toMalformed = (response: { status?: number; requestId?: string | undefined; cause?: unknown }): UpstreamError =>
  new UpstreamError('Azure Storage sent a response that violates its contract.', {
    service,
    failure: 'malformed',
    ...response,
  });

function toRefusal(error: RestError, status: number, now: number): UpstreamError {
  const headers = error.response?.headers;
  const requestId = headers?.get('x-ms-request-id');
  if (status < 400) return toMalformed({ status, requestId });
  const code = readCode(error);
  return new UpstreamError('Azure Storage rejected the request.', {
    service,
    failure: 'refused',
    status,
    code,
    requestId,
    retryAfterMs: parseRetryAfterMs(headers?.get('retry-after'), now),
    nextStep: nextSteps[code ?? ''] ?? (status === 401 || status === 403 ? denied : unreachable),
  });
}

/** Where the SDKs leave the code of an error that they do not know: from the header, from JSON, or from XML. */
const detailsSchema = z.object({
  errorCode: z.optional(z.string()),
  odataError: z.optional(z.object({ code: z.string() })),
  Code: z.optional(z.string()),
  'm:code': z.optional(z.string()),
});

function readCode({ code, details }: RestError): string | undefined {
  if (code !== undefined && code !== 'PARSE_ERROR') return code;
  const known = detailsSchema.safeParse(details).data;
  return known?.errorCode ?? known?.odataError?.code ?? known?.Code ?? known?.['m:code'];
}

const unreachable =
  'Check AzureWebJobsStorage, and that the function app can reach the storage account (firewall, private endpoint, DNS).';
const denied =
  "Assign the app's managed identity the roles Storage Table, Queue and Blob Data Contributor on the storage account, and check that the account's firewall admits the app.";

const nextSteps: Record<string, string> = {
  AuthenticationFailed:
    'Update AzureWebJobsStorage: its account key was rotated, or its shared access signature expired.',
  AuthorizationPermissionMismatch:
    "Assign the app's managed identity the roles Storage Table Data Contributor, Storage Queue Data Contributor and Storage Blob Data Contributor on the storage account.",
  KeyBasedAuthenticationNotPermitted:
    'Set AzureWebJobsStorage__accountName instead of AzureWebJobsStorage: the account does not allow shared keys.',
};

/** Whether Azure Storage rejected a request with this error code. */
export const isRefusedBecause = (error: unknown, code: string): boolean =>
  isStorageFailure(error) && error.upstream.code === code;

/** Whether Azure Storage is what failed: the operation that needed it is worth another attempt. */
export const isStorageFailure = (error: unknown): error is UpstreamError =>
  error instanceof UpstreamError && error.upstream.service === service;

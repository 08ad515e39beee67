import * as z from 'zod/mini';
import { UpstreamError } from '../errors.ts';
import { parseRetryAfterMs } from '../outbound/retry-after.ts';
import type { Outcome } from '../outbound/watched-http-client.ts';

const checkStorage =
  'Check AzureWebJobsStorage, and that the network of the function app reaches the storage account (firewall, private endpoint, DNS).';
const grantStorage =
  "Grant the app's managed identity the role Storage Table Data Contributor on the storage account, or check the key in AzureWebJobsStorage.";

const errorBody = z.object({ 'odata.error': z.object({ code: z.string() }) });

/** What a request to the storage account came to, as an error that says what to do. */
export function toStorageError(outcome: Outcome, now: number): UpstreamError {
  const service = 'storage';
  switch (outcome.kind) {
    case 'timeout':
      return new UpstreamError('The storage account did not answer within ten seconds.', {
        service,
        failure: 'timeout',
        nextStep: checkStorage,
      });
    case 'connection':
      return new UpstreamError('The storage account could not be reached.', {
        service,
        failure: 'connection',
        code: outcome.code,
        nextStep: checkStorage,
      });
    case 'none':
      return new UpstreamError('The storage account could not be asked.', {
        service,
        failure: 'malformed',
        nextStep: checkStorage,
      });
    case 'answered': {
      const { status, header } = outcome;
      return new UpstreamError('The storage account refused the request.', {
        service,
        failure: status < 400 ? 'malformed' : 'refused',
        status,
        code: header('x-ms-error-code') ?? readCode(outcome.bodyText),
        requestId: header('x-ms-request-id'),
        retryAfterMs: parseRetryAfterMs(header('retry-after'), now),
        nextStep: status === 401 || status === 403 ? grantStorage : checkStorage,
      });
    }
  }
}

function readCode(bodyText: string): string | undefined {
  try {
    return errorBody.safeParse(JSON.parse(bodyText)).data?.['odata.error'].code;
  } catch {
    return undefined;
  }
}

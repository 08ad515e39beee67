import * as z from 'zod/mini';
import { UpstreamError } from '../errors.ts';
import { parseRetryAfterMs } from '../outbound/retry-after.ts';
import type { Outcome } from '../outbound/watched-http-client.ts';

/** What the last request of a call of Azure Storage came to. Holds no entity and nothing of the address, which may be signed. */
export function toStorageError(outcome: Outcome, now: number): UpstreamError {
  const service = 'storage';
  switch (outcome.kind) {
    case 'timeout':
      return new UpstreamError('Azure Storage did not answer within ten seconds.', {
        service,
        failure: 'timeout',
        nextStep: unreachable,
      });
    case 'connection':
      return new UpstreamError('Azure Storage could not be reached.', {
        service,
        failure: 'connection',
        code: outcome.code,
        nextStep: unreachable,
      });
    case 'none':
      return new UpstreamError('Azure Storage could not be asked.', {
        service,
        failure: 'malformed',
        nextStep: unreachable,
      });
    case 'answered':
      return toForbiddenError(outcome, now);
  }
}

type Answer = Extract<Outcome, { kind: 'answered' }>;

function toForbiddenError(answer: Answer, now: number): UpstreamError {
  const { status, header, bodyText } = openTransaction(answer);
  const requestId = header('x-ms-request-id');
  if (status < 400) {
    return new UpstreamError('Azure Storage gave an answer that is not what its contract says.', {
      service: 'storage',
      failure: 'malformed',
      status,
      requestId,
    });
  }
  const code = readErrorCode(bodyText) ?? header('x-ms-error-code');
  return new UpstreamError('Azure Storage refused the call.', {
    service: 'storage',
    failure: 'refused',
    status,
    code,
    requestId,
    retryAfterMs: parseRetryAfterMs(header('retry-after'), now),
    nextStep: nextSteps[code ?? ''] ?? (status === 401 || status === 403 ? denied : unreachable),
  });
}

/** A transaction is accepted as a whole: what became of it is an answer within the answer. */
function openTransaction(answer: Answer): Answer {
  const [, status, bodyText] = /\r\nHTTP\/1\.1 ([45]\d\d) .*?\r\n\r\n(.*?)\r?\n--/s.exec(answer.bodyText) ?? [];
  return answer.status === 202 && bodyText !== undefined ? { ...answer, status: Number(status), bodyText } : answer;
}

const unreachable =
  'Check AzureWebJobsStorage, and that the network of the function app reaches the storage account (firewall, private endpoint, DNS).';
const denied =
  "Grant the app's managed identity the roles Storage Table, Queue and Blob Data Contributor on the storage account, and check that the account's firewall admits the app.";

const nextSteps: Record<string, string> = {
  AuthenticationFailed: 'Set AzureWebJobsStorage anew: the account key or signature in it was rotated or has expired.',
  AuthorizationPermissionMismatch:
    "Grant the app's managed identity the roles Storage Table Data Contributor, Storage Queue Data Contributor and Storage Blob Data Contributor on the storage account.",
  KeyBasedAuthenticationNotPermitted:
    'The account admits identities only: set AzureWebJobsStorage__accountName in place of AzureWebJobsStorage.',
};

const errorBody = z.object({ 'odata.error': z.object({ code: z.string() }) });

/** The code of a refusal, which comes as JSON, or from the front door of the account as XML. */
function readErrorCode(text: string): string | undefined {
  try {
    return errorBody.safeParse(JSON.parse(text)).data?.['odata.error'].code;
  } catch {
    return /<code>(\w{1,80})<\/code>/i.exec(text)?.[1];
  }
}

/** Whether the storage said no, and this is why. */
export const isRefusedBecause = (error: unknown, code: string): boolean =>
  error instanceof UpstreamError && error.upstream.service === 'storage' && error.upstream.code === code;

/** Whether the storage is what failed: worth another try of whatever needed it. */
export const isStorageFailure = (error: unknown): error is UpstreamError =>
  error instanceof UpstreamError && error.upstream.service === 'storage';

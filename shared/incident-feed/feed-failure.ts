import { RequestError, UpstreamError } from '../errors.ts';

/** Failures that the content of a window can cause, unlike those of the network or of the token. */
export function isPoison(error: unknown): error is UpstreamError {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'defender') return false;
  const { status = 0 } = error.upstream;
  return error.failure === 'malformed' || error.failure === 'timeout' || (error.failure === 'refused' && status >= 500);
}

/** Whether the service refuses to skip so far. */
export const isSkipLimit = (error: unknown, skip: number): boolean =>
  skip > 0 && error instanceof UpstreamError && error.upstream.status === 400;

/** One code that names the failure: Defender's, or the app's own. */
export const toFailureCode = (error: UpstreamError | RequestError): string =>
  error instanceof RequestError ? error.code : (error.upstream.code ?? error.failure);

/** Codes only: a sentence of a service may quote the request. */
export function describeFailure(error: UpstreamError | RequestError): string {
  const { service, status, code } = error.upstream ?? {};
  const own = error instanceof RequestError ? error.code : error.failure;
  return [own, service, status, code].filter((part) => part !== undefined).join(' ');
}

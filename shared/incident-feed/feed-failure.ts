import { UpstreamError } from '../errors.ts';
import type { PendingWindow } from './feed-state.ts';

/** Failures that may be those of a window, rather than of the service, the network or the token. */
export function isPoison(error: unknown): error is UpstreamError {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'defender') return false;
  const { status = 0 } = error.upstream;
  return error.failure === 'malformed' || error.failure === 'timeout' || (error.failure === 'refused' && status >= 500);
}

/** The service gives no more of a list than so many. */
export const isCapped = (error: unknown, { skip }: PendingWindow): boolean =>
  skip > 0 && error instanceof UpstreamError && error.upstream.status === 400;

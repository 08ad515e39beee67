import type { Api } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import { serviceOf } from './api-error.ts';

/** Tells an API's 404 in the caller's terms. */
export async function mapNotFound<T>(api: Api, what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isRefusedWith(error, api, 404)) throw error;
    throw new RequestError(404, 'NotFound', `There is no ${what} that this caller may see.`, {
      upstream: error.upstream,
      cause: error,
    });
  }
}

/** Tells an API's 400 to a change that our schema allows in the caller's terms. */
export async function rejectedAs<T>(api: Api, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isRefusedWith(error, api, 400)) throw error;
    throw new RequestError(400, 'RejectedByDefender', error.message, { upstream: error.upstream, cause: error });
  }
}

/**
 * Defender's pages disagree on the spelling of some determinations: where it refuses one, another may be right.
 * @throws what the API says of the first spelling when it refuses them all.
 */
export async function sendInAnySpelling<T>(
  api: Api,
  spellings: readonly (string | undefined)[],
  send: (spelling: string | undefined) => Promise<T>,
): Promise<T> {
  let refusal: unknown;
  for (const spelling of spellings) {
    try {
      return await send(spelling);
    } catch (error) {
      if (!isRefusedWith(error, api, 400)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** Whether this is the API itself answering with an HTTP status. */
export const isRefusedWith = (error: unknown, api: Api, status: number): error is UpstreamError =>
  error instanceof UpstreamError && error.upstream.service === serviceOf(api) && error.upstream.status === status;

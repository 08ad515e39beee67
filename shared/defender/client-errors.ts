import type { Api } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import { serviceOf } from './api-error.ts';

/** Turns an API's 404 into the caller's 404. */
export async function mapNotFound<T>(api: Api, entity: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!hasStatus(error, api, 404)) throw error;
    const detail = `There is no ${entity}, or the caller may not see it.`;
    throw new RequestError(404, 'NotFound', detail, { upstream: error.upstream, cause: error });
  }
}

/** Turns an API's 400 to a valid change into the caller's 400. */
export async function mapRejected<T>(api: Api, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!hasStatus(error, api, 400)) throw error;
    throw new RequestError(400, 'RejectedByDefender', error.message, { upstream: error.upstream, cause: error });
  }
}

/**
 * Sends a change with each published spelling of a value until the API accepts one: Microsoft's pages contradict each other.
 * @throws the API's error for the first spelling when it rejects all of them.
 */
export async function sendWithAliases<T>(
  api: Api,
  aliases: readonly (string | undefined)[],
  send: (alias: string | undefined) => Promise<T>,
): Promise<T> {
  let firstError: unknown;
  for (const alias of aliases) {
    try {
      return await send(alias);
    } catch (error) {
      if (!hasStatus(error, api, 400)) throw error;
      firstError ??= error;
    }
  }
  throw firstError;
}

/** Whether an error is the API's own response with this status. */
export const hasStatus = (error: unknown, api: Api, status: number): error is UpstreamError =>
  error instanceof UpstreamError && error.upstream.service === serviceOf(api) && error.upstream.status === status;

import { RequestError } from '../errors.ts';

/**
 * @param what names the entity and its id, such as `Hunt 7`.
 * @throws {RequestError} 404 if nothing was found.
 */
export function requireFound<T>(found: T | undefined, what: string): T {
  if (found !== undefined) return found;
  throw new RequestError(404, 'NotFound', `${what} does not exist.`);
}

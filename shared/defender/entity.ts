import type { Api } from '../clouds.ts';
import { UpstreamError } from '../errors.ts';
import { serviceOf } from './api-error.ts';

/** A JSON object of a service. */
export type Entity = Record<string, unknown>;

export const isEntity = (value: unknown): value is Entity =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parses a JSON object. @throws {UpstreamError} for anything else. */
export function parseEntity(api: Api, text: string): Entity {
  const entity = parseOptionalEntity(text);
  if (entity === undefined) throw malformed(api);
  return entity;
}

/** Parses a JSON object. `undefined` for anything else. */
export function parseOptionalEntity(text: string): Entity | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isEntity(parsed) ? parsed : undefined;
  } catch {
    // The parser's message quotes the response.
    return undefined;
  }
}

/** Parses an entity with an id. @throws {UpstreamError} when it has none. */
export function parseIdentified(api: Api, text: string, idMember: string): Entity {
  const entity = parseEntity(api, text);
  if (!isId(entity[idMember])) throw malformed(api);
  return entity;
}

/** Ids are digit strings, other text or, in Defender XDR, numbers. */
const isId = (id: unknown): boolean => (typeof id === 'string' ? id !== '' : Number.isSafeInteger(id));

/** Whether the response to a write contains the entity. Any 2xx is success, also without a body or with other JSON. */
export function hasEntity(text: string, idMember: string): boolean {
  const entity = parseOptionalEntity(text);
  return entity !== undefined && isId(entity[idMember]);
}

/** Reads what a write has changed. @throws {UpstreamError} that leaves no doubt that the write was applied. */
export async function readApplied<T>(api: Api, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new UpstreamError(`The change was applied, but reading the result failed: ${reason}`, {
      service: serviceOf(api),
      failure: 'malformed',
      cause: error,
    });
  }
}

export function malformed(api: Api): UpstreamError {
  return new UpstreamError('The response of the service violates its contract.', {
    service: serviceOf(api),
    failure: 'malformed',
  });
}

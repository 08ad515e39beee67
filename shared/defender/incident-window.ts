import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { type Entity, isEntity, malformed, parseEntity } from './entity.ts';
import { type EntityEnums, normalizeEnums } from './entity-enums.ts';
import { allOf, compareInstant } from './odata-filter.ts';
import { readIncidents } from './permissions.ts';
import { formatTicks, parseTicks, type Ticks } from './ticks.ts';

/** Incidents by the time of their last update and of their creation. `From` is inclusive, `Before` exclusive. */
export interface IncidentWindow {
  updatedFrom: Ticks;
  updatedBefore?: Ticks | undefined;
  createdFrom?: Ticks | undefined;
  createdBefore?: Ticks | undefined;
}

/** One version of an incident, told apart by `updatedAt`. */
export interface IncidentVersion {
  incidentId: number;
  createdAt: Ticks;
  updatedAt: Ticks;
  /** As the service sent it, enumerations normalized. */
  incident: Entity;
}

/** One page of a window. */
export interface WindowPage {
  versions: IncidentVersion[];
  /** Incidents without a usable id or time of the last update: their ids, or `?`. */
  unversioned: string[];
  /** Incidents on the page, of either kind. */
  count: number;
  /** `reached`: the page is short and the last · `open`: it is full · `unclear`: it is short, yet the service links to another page. */
  end: 'reached' | 'open' | 'unclear';
}

/** Page size limit of the service. */
export const maxWindowPage = 100;

export interface WindowRange {
  top?: number;
  skip?: number;
}

/**
 * Requests one page of a window, in an order that is not to be relied on. A failure is not retried: the caller has a budget of calls.
 * @throws {RequestError} 403 and 429.
 * @throws {UpstreamError}
 */
export async function readIncidentWindow(
  client: DefenderClient,
  { path, enums }: { path: string; enums: EntityEnums },
  window: IncidentWindow,
  { top = maxWindowPage, skip = 0 }: WindowRange = {},
): Promise<WindowPage> {
  const filter = toFilter(window);
  const query = `?$top=${top}${skip > 0 ? `&$skip=${skip}` : ''}&$filter=${encodeURIComponent(filter ?? '')}`;
  const call: Call = {
    operation: 'incidents.window',
    method: 'GET',
    path: path + query,
    permission: readIncidents,
    isIdempotent: true,
    noRetry: true,
  };
  const text = await client.send(call);
  // Links are not followed, so that it does not matter where they lead.
  const { value, '@odata.nextLink': nextLink = null } = parseEntity('defenderXdr', text);
  if (!Array.isArray(value)) throw malformed('defenderXdr');
  const entities: unknown[] = value;
  for (const entity of entities) if (isEntity(entity)) normalizeEnums(enums, entity);
  const versions = entities.map(toVersion);
  return {
    versions: versions.filter((version) => version !== undefined),
    unversioned: entities.filter((_, index) => versions[index] === undefined).map(nameOf),
    count: entities.length,
    end: toEnd(entities.length, top, nextLink !== null),
  };
}

/** A service that caps pages below `top` links to the next one; another one links to a next page without end. */
function toEnd(count: number, top: number, hasLink: boolean): WindowPage['end'] {
  if (count >= top) return 'open';
  return hasLink && count > 0 ? 'unclear' : 'reached';
}

function toFilter({ updatedFrom, updatedBefore, createdFrom, createdBefore }: IncidentWindow): string | undefined {
  const write = (at: Ticks | undefined) => (at === undefined ? undefined : formatTicks(at));
  return allOf(
    compareInstant('lastUpdateTime', 'ge', write(updatedFrom)),
    compareInstant('lastUpdateTime', 'lt', write(updatedBefore)),
    compareInstant('createdTime', 'ge', write(createdFrom)),
    compareInstant('createdTime', 'lt', write(createdBefore)),
  );
}

function toVersion(incident: unknown): IncidentVersion | undefined {
  if (!isEntity(incident)) return undefined;
  const incidentId = toIncidentId(incident.incidentId);
  const updatedAt = parseTicks(incident.lastUpdateTime);
  if (incidentId === undefined || updatedAt === undefined) return undefined;
  return { incidentId, updatedAt, createdAt: parseTicks(incident.createdTime) ?? updatedAt, incident };
}

/** A number, or one as a string of digits. */
function toIncidentId(value: unknown): number | undefined {
  const id = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : undefined;
}

/** What may be logged of an incident that cannot be versioned. */
const nameOf = (incident: unknown): string => String((isEntity(incident) && toIncidentId(incident.incidentId)) || '?');

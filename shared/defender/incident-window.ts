import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { allOf, compareInstant } from './odata-filter.ts';
import { readIncidents } from './permissions.ts';
import { type Entity, parseServicePage } from './service-page.ts';
import { formatTicks, parseTicks, type Ticks } from './ticks.ts';

/** The incidents that were last updated in a span of time, and created in another; each from an instant up to, not including, another. */
export interface IncidentWindow {
  updatedFrom: Ticks;
  updatedBefore?: Ticks | undefined;
  createdFrom?: Ticks | undefined;
  createdBefore?: Ticks | undefined;
}

/** One version of an incident. */
export interface IncidentVersion {
  incidentId: number;
  createdAt: Ticks;
  /** Which version it is. */
  updatedAt: Ticks;
  /** In canonical spelling. */
  incident: Entity;
}

/** The service's answer to one question. */
export interface WindowPage {
  versions: IncidentVersion[];
  /** Whether the window has no more than that: it was then read in one go, and nothing can have moved meanwhile. */
  isComplete: boolean;
}

export const maxWindowPage = 100;

export interface WindowRange {
  top?: number;
  skip?: number;
  /** Whether it is not asked again when it fails: who has a budget of calls sees to that. */
  noRetry?: boolean;
}

/**
 * Asks for a window. The order in which the service lists is not to be relied on.
 * @throws {RequestError} 403 and 429.
 * @throws {UpstreamError}
 */
export async function readIncidentWindow(
  client: DefenderClient,
  { path, normalize }: { path: string; normalize: (incident: Entity) => unknown },
  window: IncidentWindow,
  { top = maxWindowPage, skip = 0, noRetry = false }: WindowRange = {},
): Promise<WindowPage> {
  const filter = toFilter(window);
  const query = `?$top=${top}${skip > 0 ? `&$skip=${skip}` : ''}&$filter=${encodeURIComponent(filter ?? '')}`;
  const call: Call = {
    operation: 'incidents.window',
    method: 'GET',
    path: path + query,
    permission: readIncidents,
    isIdempotent: true,
    noRetry,
  };
  const text = await client.send(call);
  const page = parseServicePage('defenderXdr', text, new URL(path + query, client.originOf('defenderXdr')));
  for (const entity of page.entities) normalize(entity);
  return {
    versions: page.entities.flatMap((entity) => toVersion(entity) ?? []),
    isComplete: page.entities.length < top && page.nextPath === undefined,
  };
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

/** Undefined for what is no incident by the contract. */
function toVersion(incident: Entity): IncidentVersion | undefined {
  const { incidentId } = incident;
  const updatedAt = parseTicks(incident.lastUpdateTime);
  if (typeof incidentId !== 'number' || !Number.isSafeInteger(incidentId) || updatedAt === undefined) return undefined;
  return { incidentId, updatedAt, createdAt: parseTicks(incident.createdTime) ?? updatedAt, incident };
}

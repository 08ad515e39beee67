import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { mapNotFound, rejectedAs, sendInAnySpelling } from './client-errors.ts';
import { type Cursor, type Page, readPage } from './collection.ts';
import { canonicalize, determinations } from './enum-aliases.ts';
import type { IncidentWindow, WindowPage, WindowRange } from './incident-window.ts';
import { wasApplied } from './lost-response.ts';
import { allOf, compareInstant, isOneOf } from './odata-filter.ts';
import { type Permission, readIncidents, writeIncidents } from './permissions.ts';
import { type Entity, parseEntity } from './service-page.ts';

/** Which incidents; instants are ISO 8601 in UTC. */
export interface IncidentQuery {
  status?: string[] | undefined;
  severity?: string[] | undefined;
  assignedTo?: string | undefined;
  createdSince?: string | undefined;
  updatedSince?: string | undefined;
  updatedBefore?: string | undefined;
  top: number;
}

/** What may be changed of an incident; what is absent stays. Enumerations are in canonical spelling. */
export interface IncidentUpdate {
  status?: string | undefined;
  assignedTo?: string | undefined;
  classification?: string | undefined;
  determination?: string | undefined;
  tags?: string[] | undefined;
  comment?: string | undefined;
}

const api = 'defenderXdr';
const path = '/api/incidents';
const maxServicePage = 100;

/** Incidents of Microsoft Defender XDR, as the service gives them but for enumerations, which are in canonical spelling. */
export function createIncidents(client: DefenderClient) {
  async function read(incidentId: number, permission: Permission): Promise<string> {
    const call: Call = {
      operation: 'incidents.get',
      method: 'GET',
      path: `${path}/${incidentId}`,
      permission,
      isIdempotent: true,
    };
    return toIncidentText(await mapNotFound(api, `incident ${incidentId}`, () => client.send(call)));
  }

  return {
    /** Newest first. Severity is filtered here, since the service cannot: a page may then be shorter than `top`. */
    list(query: IncidentQuery, cursor?: Cursor): Promise<Page> {
      const { severity } = query;
      return readPage(
        {
          client,
          call: { operation: 'incidents.list', permission: readIncidents },
          path,
          filter: toFilter(query),
          maxServicePage,
          keyOf: (incident) => incident.incidentId ?? incident,
          prepare: canonicalizeIncident,
          isWanted: severity && ((incident) => severity.includes(String(incident.severity))),
        },
        query.top,
        cursor,
      );
    },

    /** The incidents of a span of time, in one answer of the service. */
    async readWindow(window: IncidentWindow, range?: WindowRange): Promise<WindowPage> {
      const { readIncidentWindow } = await import('./incident-window.ts');
      return await readIncidentWindow(client, { path, canonicalize: canonicalizeIncident }, window, range);
    },

    /** The incident's JSON. @throws {RequestError} 404 when there is none. */
    get: (incidentId: number) => read(incidentId, readIncidents),

    /**
     * The updated incident's JSON. After a try whose answer was lost, which began at `uncertainSince` (epoch milliseconds), the incident is
     * looked at first, and left alone if the update was made.
     * @throws {RequestError} 404 when there is no such incident, 400 when Defender refuses the change in every spelling of it.
     */
    async update(incidentId: number, update: IncidentUpdate, previousAttemptAt?: number): Promise<string> {
      if (previousAttemptAt !== undefined) {
        const text = await read(incidentId, writeIncidents);
        if (wasApplied(update, parseEntity(api, text), previousAttemptAt)) return text;
      }
      const { determination, ...others } = update;
      const send = (spelling: string | undefined) =>
        client.send({
          operation: 'incidents.update',
          method: 'PATCH',
          path: `${path}/${incidentId}`,
          body: { ...others, determination: spelling },
          permission: writeIncidents,
          isIdempotent: false,
        });
      const spellings =
        determination === undefined ? [undefined] : [determination, ...determinations.alternatives(determination)];
      const text = await mapNotFound(api, `incident ${incidentId}`, () =>
        rejectedAs(api, () => sendInAnySpelling(api, spellings, send)),
      );
      return toIncidentText(text);
    },
  };
}

function toFilter({
  status,
  assignedTo,
  createdSince,
  updatedSince,
  updatedBefore,
}: IncidentQuery): string | undefined {
  return allOf(
    isOneOf('status', status),
    isOneOf('assignedTo', assignedTo === undefined ? undefined : [assignedTo]),
    compareInstant('createdTime', 'ge', createdSince),
    compareInstant('lastUpdateTime', 'ge', updatedSince),
    compareInstant('lastUpdateTime', 'lt', updatedBefore),
  );
}

function canonicalizeIncident(incident: Entity): boolean {
  let changed = canonicalize(incident);
  if (!Array.isArray(incident.alerts)) return changed;
  for (const alert of incident.alerts) {
    if (typeof alert === 'object' && alert !== null) changed = canonicalize(alert) || changed;
  }
  return changed;
}

function toIncidentText(text: string): string {
  const incident = parseEntity(api, text);
  return canonicalizeIncident(incident) ? JSON.stringify(incident) : text;
}

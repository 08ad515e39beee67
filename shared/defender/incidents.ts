import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { mapNotFound, mapRejected, sendWithAliases } from './client-errors.ts';
import { type Cursor, type Page, readPage } from './collection.ts';
import { hasEntity, parseEntity, parseIdentified, readApplied } from './entity.ts';
import { defineEntityEnums, toNormalizedJson } from './entity-enums.ts';
import { classifications, determinations, incidentStatuses, severities } from './enum-aliases.ts';
import type { IncidentWindow, WindowPage, WindowRange } from './incident-window.ts';
import { wasApplied } from './lost-response.ts';
import { allOf, compareInstant, isOneOf } from './odata-filter.ts';
import { type Permission, readIncidents, writeIncidents } from './permissions.ts';

/** Filter of incidents. Timestamps are ISO 8601 in UTC, enumerations canonical. */
export interface IncidentQuery {
  status?: string[] | undefined;
  severity?: string[] | undefined;
  assignedTo?: string | undefined;
  createdSince?: string | undefined;
  updatedSince?: string | undefined;
  updatedBefore?: string | undefined;
  top: number;
}

/** Changes to an incident. Absent members keep their values; enumerations are canonical. */
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
const idMember = 'incidentId';
const maxServicePage = 100;
const enums = defineEntityEnums(
  { status: incidentStatuses, severity: severities, classification: classifications, determination: determinations },
  'alerts',
);

/** Incidents of Microsoft Defender XDR, passed through with canonical enumerations. */
export function createIncidents(client: DefenderClient) {
  async function read(incidentId: number, permission: Permission): Promise<string> {
    const call: Call = {
      operation: 'incidents.get',
      method: 'GET',
      path: `${path}/${incidentId}`,
      permission,
      isIdempotent: true,
    };
    return toIncidentJson(await mapNotFound(api, `incident ${incidentId}`, () => client.send(call)));
  }

  return {
    /** Newest first. The service cannot filter by severity: with that filter a page may be shorter than `top`. */
    list(query: IncidentQuery, cursor?: Cursor): Promise<Page> {
      const { severity } = query;
      return readPage(
        {
          client,
          call: { operation: 'incidents.list', permission: readIncidents },
          path,
          filter: toFilter(query),
          maxServicePage,
          keyOf: (incident) => incident[idMember] ?? incident,
          enums,
          isWanted: severity && ((incident) => severity.includes(String(incident.severity))),
        },
        query.top,
        cursor,
      );
    },

    /** Reads the incidents of a time window in one request. */
    async readWindow(window: IncidentWindow, range?: WindowRange): Promise<WindowPage> {
      const { readIncidentWindow } = await import('./incident-window.ts');
      return await readIncidentWindow(client, { path, enums }, window, range);
    },

    /** Returns the incident as JSON. @throws {RequestError} 404. */
    get: (incidentId: number) => read(incidentId, readIncidents),

    /**
     * Updates an incident and returns it as JSON. After an attempt whose response was lost, which began at `previousAttemptAt` (epoch
     * milliseconds), the incident is read first and left alone if the update was applied.
     * @throws {RequestError} 404, or 400 when Defender rejects every spelling.
     */
    async update(incidentId: number, update: IncidentUpdate, previousAttemptAt?: number): Promise<string> {
      if (previousAttemptAt !== undefined) {
        const text = await read(incidentId, writeIncidents);
        if (wasApplied(update, parseEntity(api, text), previousAttemptAt)) return text;
      }
      const { determination, ...others } = update;
      const send = (alias: string | undefined) =>
        client.send({
          operation: 'incidents.update',
          method: 'PATCH',
          path: `${path}/${incidentId}`,
          body: { ...others, determination: alias },
          permission: writeIncidents,
          isIdempotent: false,
        });
      const aliases =
        determination === undefined ? [undefined] : [determination, ...determinations.aliasesOf(determination)];
      const text = await mapNotFound(api, `incident ${incidentId}`, () =>
        mapRejected(api, () => sendWithAliases(api, aliases, send)),
      );
      if (hasEntity(text, idMember)) return toIncidentJson(text);
      return await readApplied(api, () => read(incidentId, writeIncidents));
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

const toIncidentJson = (text: string): string => toNormalizedJson(enums, parseIdentified(api, text, idMember), text);

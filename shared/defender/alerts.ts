import { RequestError, UpstreamError } from '../errors.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { mapNotFound, mapRejected, sendWithAliases } from './client-errors.ts';
import { type Cursor, type Page, readPage } from './collection.ts';
import { type Entity, hasEntity, parseIdentified, parseOptionalEntity, readApplied } from './entity.ts';
import { defineEntityEnums, normalizeEnums } from './entity-enums.ts';
import { alertStatuses, classifications, determinations, serviceSources, severities } from './enum-aliases.ts';
import { toGraphDeterminations, toGraphSpelling } from './graph-enums.ts';
import { wasApplied } from './lost-response.ts';
import { allOf, compareInstant, isOneOf } from './odata-filter.ts';
import { type Permission, readAlerts, writeAlerts } from './permissions.ts';

/** Filter of alerts. Timestamps are ISO 8601 in UTC, enumerations canonical. */
export interface AlertQuery {
  status?: string[] | undefined;
  severity?: string[] | undefined;
  serviceSource?: string[] | undefined;
  assignedTo?: string | undefined;
  createdSince?: string | undefined;
  updatedSince?: string | undefined;
  top: number;
}

/** Changes to an alert. Absent members keep their values; enumerations are canonical. */
export interface AlertUpdate {
  status?: string | undefined;
  assignedTo?: string | undefined;
  classification?: string | undefined;
  determination?: string | undefined;
  /** Appended to the existing comments. */
  comment?: string | undefined;
}

const api = 'graph';
const path = '/v1.0/security/alerts_v2';
const idMember = 'id';
const enums = defineEntityEnums({
  status: alertStatuses,
  severity: severities,
  classification: classifications,
  determination: determinations,
  serviceSource: serviceSources,
});
const pathOf = (alertId: string) => `${path}/${encodeURIComponent(alertId)}`;
/** The value in Graph's examples. Graph documents no maximum, and alerts can be large. */
const maxServicePage = 100;
/** Without this header Graph returns newer enumeration values as `unknownFutureValue`. */
const prefer = 'include-unknown-enum-members';

/** Alerts of Microsoft Graph (`alerts_v2`), passed through with canonical enumerations. Evidence is not changed. */
export function createAlerts(client: DefenderClient) {
  async function read(alertId: string, permission: Permission): Promise<Entity> {
    const call: Call = {
      operation: 'alerts.get',
      method: 'GET',
      path: pathOf(alertId),
      permission,
      prefer,
      isIdempotent: true,
    };
    return toAlert(await mapNotFound(api, `alert ${alertId}`, () => client.send(call)));
  }

  /** Returns the updated alert, if the response contains it. */
  async function applyChanges(alertId: string, update: Omit<AlertUpdate, 'comment'>): Promise<Entity | undefined> {
    const { status, assignedTo, classification, determination } = update;
    const send = (alias: string | undefined) =>
      client.send({
        operation: 'alerts.update',
        method: 'PATCH',
        path: pathOf(alertId),
        body: {
          status: status && toGraphSpelling(status),
          // Graph removes the owner with null.
          assignedTo: assignedTo === '' ? null : assignedTo,
          classification: classification && toGraphSpelling(classification),
          determination: alias,
        },
        permission: writeAlerts,
        prefer,
        isIdempotent: false,
      });
    const aliases = determination === undefined ? [undefined] : toGraphDeterminations(determination);
    const text = await mapNotFound(api, `alert ${alertId}`, () =>
      mapRejected(api, () => sendWithAliases(api, aliases, send)),
    );
    return hasEntity(text, idMember) ? toAlert(text) : undefined;
  }

  /** Adds a comment. Returns all comments of the alert, if the response contains them. */
  async function addComment(alertId: string, comment: string): Promise<unknown[] | undefined> {
    const call: Call = {
      operation: 'alerts.comment',
      method: 'POST',
      path: `${pathOf(alertId)}/comments`,
      body: { '@odata.type': 'microsoft.graph.security.alertComment', comment },
      permission: writeAlerts,
      isIdempotent: false,
    };
    const text = await mapNotFound(api, `alert ${alertId}`, () => mapRejected(api, () => client.send(call)));
    const { value } = parseOptionalEntity(text) ?? {};
    return Array.isArray(value) ? value : undefined;
  }

  /** Sends the changes, then the comment. `before` is the alert, if it has just been read. */
  async function apply(alertId: string, { comment, ...changes }: AlertUpdate, before?: Entity): Promise<Entity> {
    const isChange = Object.values(changes).some((value) => value !== undefined);
    const alert = isChange ? await applyChanges(alertId, changes) : (before ?? (await read(alertId, writeAlerts)));
    const readAfter = () => readApplied(api, () => read(alertId, writeAlerts));
    if (comment === undefined) return alert ?? (await readAfter());
    const comments = await addComment(alertId, comment).catch((error: unknown) => {
      throw isChange ? toPartlyAppliedError(error) : error;
    });
    return alert && comments ? { ...alert, comments } : await readAfter();
  }

  return {
    /** Newest first. */
    list(query: AlertQuery, cursor?: Cursor): Promise<Page> {
      return readPage(
        {
          client,
          call: { operation: 'alerts.list', permission: readAlerts, prefer },
          path,
          filter: toFilter(query),
          maxServicePage,
          paging: 'links',
          keyOf: (alert) => alert[idMember] ?? alert,
          enums,
        },
        query.top,
        cursor,
      );
    },

    /** Returns the alert as JSON. @throws {RequestError} 404. */
    async get(alertId: string): Promise<string> {
      return JSON.stringify(await read(alertId, readAlerts));
    },

    /**
     * Updates an alert and returns it as JSON. Graph takes a comment in a request of its own. It is sent last, because it is not
     * idempotent: after any failure but a lost response the whole update can be repeated. An update with only a comment reads the
     * alert first, so that nothing can fail after the comment. After an attempt whose response was lost, which began at
     * `previousAttemptAt` (epoch milliseconds), the alert is read first and the parts that were applied are not sent again.
     * @throws {RequestError} 404, or 400 when Graph rejects every spelling. The message says when the alert was updated without the
     * comment.
     */
    async update(alertId: string, update: AlertUpdate, previousAttemptAt?: number): Promise<string> {
      if (previousAttemptAt === undefined) return JSON.stringify(await apply(alertId, update));
      const alert = await read(alertId, writeAlerts);
      const isApplied = (part: AlertUpdate) => wasApplied(part, alert, previousAttemptAt);
      if (isApplied(update)) return JSON.stringify(alert);
      const { comment, ...changes } = update;
      return JSON.stringify(await apply(alertId, isApplied(changes) ? { comment } : update, alert));
    },
  };
}

function toFilter({ status, severity, serviceSource, assignedTo, createdSince, updatedSince }: AlertQuery) {
  return allOf(
    isOneOf('status', status?.map(toGraphSpelling)),
    isOneOf('severity', severity?.map(toGraphSpelling)),
    isOneOf('serviceSource', serviceSource?.map(toGraphSpelling)),
    isOneOf('assignedTo', assignedTo === undefined ? undefined : [assignedTo]),
    compareInstant('createdDateTime', 'ge', createdSince),
    compareInstant('lastUpdateDateTime', 'ge', updatedSince),
  );
}

function toAlert(text: string): Entity {
  const alert = parseIdentified(api, text, idMember);
  normalizeEnums(enums, alert);
  return alert;
}

function toPartlyAppliedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const message = `The alert was updated, but adding the comment failed: ${error.message}`;
  if (error instanceof RequestError)
    return new RequestError(error.status, error.code, message, { ...error, cause: error });
  if (error instanceof UpstreamError) return new UpstreamError(message, { ...error.upstream, ...error, cause: error });
  return error;
}

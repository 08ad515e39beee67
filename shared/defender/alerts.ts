import { RequestError, UpstreamError } from '../errors.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { mapNotFound, rejectedAs, sendInAnySpelling } from './client-errors.ts';
import { type Cursor, type Page, readPage } from './collection.ts';
import { canonicalizeAlert } from './enum-aliases.ts';
import { toGraphDeterminations, toGraphSpelling } from './graph-enums.ts';
import { wasApplied } from './lost-response.ts';
import { allOf, compareInstant, isOneOf } from './odata-filter.ts';
import { type Permission, readAlerts, writeAlerts } from './permissions.ts';
import { type Entity, malformed, parseEntity } from './service-page.ts';

/** Which alerts; instants are ISO 8601 in UTC, enumerations in canonical spelling. */
export interface AlertQuery {
  status?: string[] | undefined;
  severity?: string[] | undefined;
  serviceSource?: string[] | undefined;
  assignedTo?: string | undefined;
  createdSince?: string | undefined;
  updatedSince?: string | undefined;
  top: number;
}

/** What may be changed of an alert; what is absent stays. Enumerations are in canonical spelling. */
export interface AlertUpdate {
  status?: string | undefined;
  assignedTo?: string | undefined;
  classification?: string | undefined;
  determination?: string | undefined;
  /** Is added to those that are there. */
  comment?: string | undefined;
}

const api = 'graph';
const path = '/v1.0/security/alerts_v2';
const pathOf = (alertId: string) => `${path}/${encodeURIComponent(alertId)}`;
/** What Graph's own examples ask for: it publishes no maximum for these alerts, and each may be large. */
const maxServicePage = 100;
/** Without this Graph hides the newer values of its enumerations behind `unknownFutureValue`. */
const prefer = 'include-unknown-enum-members';

/**
 * Alerts of Microsoft Graph, as it gives them but for `status`, `severity`, `classification`, `determination` and `serviceSource`, which
 * are in canonical spelling. Evidence is passed on untouched.
 */
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

  async function change(alertId: string, update: Omit<AlertUpdate, 'comment'>): Promise<Entity> {
    const { status, assignedTo, classification, determination } = update;
    const send = (spelling: string | undefined) =>
      client.send({
        operation: 'alerts.update',
        method: 'PATCH',
        path: pathOf(alertId),
        body: {
          status: status && toGraphSpelling(status),
          // Graph has null for no owner.
          assignedTo: assignedTo === '' ? null : assignedTo,
          classification: classification && toGraphSpelling(classification),
          determination: spelling,
        },
        permission: writeAlerts,
        prefer,
        isIdempotent: false,
      });
    const spellings = determination === undefined ? [undefined] : toGraphDeterminations(determination);
    const text = await mapNotFound(api, `alert ${alertId}`, () =>
      rejectedAs(api, () => sendInAnySpelling(api, spellings, send)),
    );
    return toAlert(text);
  }

  /** Adds a comment. Resolves to all comments of the alert. */
  async function addComment(alertId: string, comment: string): Promise<unknown[]> {
    const call: Call = {
      operation: 'alerts.comment',
      method: 'POST',
      path: `${pathOf(alertId)}/comments`,
      body: { '@odata.type': 'microsoft.graph.security.alertComment', comment },
      permission: writeAlerts,
      isIdempotent: false,
    };
    const text = await mapNotFound(api, `alert ${alertId}`, () => rejectedAs(api, () => client.send(call)));
    const { value } = parseEntity(api, text);
    if (!Array.isArray(value)) throw malformed(api);
    return value;
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
          keyOf: (alert) => alert.id ?? alert,
          prepare: canonicalizeAlert,
        },
        query.top,
        cursor,
      );
    },

    /** The alert's JSON. @throws {RequestError} 404 when there is none. */
    async get(alertId: string): Promise<string> {
      return JSON.stringify(await read(alertId, readAlerts));
    },

    /**
     * The updated alert's JSON. Graph takes a comment in a call of its own, which comes last because it is the one that must not be
     * made twice: whenever this fails, all of it can be asked for again, unless an answer was lost. An alert that gets nothing but a
     * comment is read before, so that no failure comes after it. After a try whose answer was lost, which began at `uncertainSince` (epoch
     * milliseconds), the alert is looked at first, and what was made of the update is not made again.
     * @throws {RequestError} 404 when there is no such alert, 400 when Graph refuses the change in every spelling of it. The message says
     * so when the alert was changed already.
     */
    async update(alertId: string, update: AlertUpdate, previousAttemptAt?: number): Promise<string> {
      const { comment, ...changes } = update;
      const found =
        previousAttemptAt === undefined
          ? undefined
          : { alert: await read(alertId, writeAlerts), since: previousAttemptAt };
      const isFound = (part: AlertUpdate) => found !== undefined && wasApplied(part, found.alert, found.since);
      if (found !== undefined && isFound(update)) return JSON.stringify(found.alert);

      const isChange = Object.values(changes).some((value) => value !== undefined) && !isFound(changes);
      const alert = isChange ? await change(alertId, changes) : (found?.alert ?? (await read(alertId, writeAlerts)));
      if (comment === undefined) return JSON.stringify(alert);
      try {
        return JSON.stringify({ ...alert, comments: await addComment(alertId, comment) });
      } catch (error) {
        throw isChange ? toHalfDone(error) : error;
      }
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
  const alert = parseEntity(api, text);
  canonicalizeAlert(alert);
  return alert;
}

function toHalfDone(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const message = `The alert was changed, but adding the comment failed: ${error.message}`;
  if (error instanceof RequestError)
    return new RequestError(error.status, error.code, message, { ...error, cause: error });
  if (error instanceof UpstreamError) return new UpstreamError(message, { ...error.upstream, ...error, cause: error });
  return error;
}

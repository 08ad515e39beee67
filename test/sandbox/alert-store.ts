import type { Incident, IncidentAlert } from './incident.ts';
import type { IncidentStore } from './incident-store.ts';

/** A comment as Graph writes it. */
export interface AlertComment {
  readonly '@odata.type': '#microsoft.graph.security.alertComment';
  readonly comment: string;
  readonly createdByDisplayName: string;
  readonly createdDateTime: string;
}

/** An alert where Defender XDR shows it: in its incident. */
export interface StoredAlert {
  readonly incident: Incident;
  readonly alert: IncidentAlert;
  readonly comments: readonly AlertComment[];
}

export type AlertChanges = Partial<Pick<IncidentAlert, 'status' | 'assignedTo' | 'classification' | 'determination'>>;

/** The alerts of one tenant's incidents: a change here is one of the incident too. */
export interface AlertStore {
  /** Newest first: by `creationTime`, then by id. */
  all(): readonly StoredAlert[];
  get(alertId: string): StoredAlert | undefined;
  update(stored: StoredAlert, changes: AlertChanges): StoredAlert;
  /** All comments of the alert, the new one last. */
  comment(stored: StoredAlert, comment: string, createdByDisplayName: string): StoredAlert;
}

export function createAlertStore(incidents: IncidentStore, now: () => number): AlertStore {
  const commentsById = new Map<string, readonly AlertComment[]>();

  const all = () =>
    incidents
      .all()
      .flatMap((incident) => incident.alerts.map((alert) => toStored(incident, alert)))
      .sort(newestFirst);

  function toStored(incident: Incident, alert: IncidentAlert): StoredAlert {
    return { incident, alert, comments: commentsById.get(alert.alertId) ?? [] };
  }

  function update({ incident, alert }: StoredAlert, changes: AlertChanges): StoredAlert {
    const at = new Date(now()).toISOString();
    const resolvedTime =
      changes.status === undefined ? {} : { resolvedTime: changes.status === 'Resolved' ? at : null };
    Object.assign(alert, changes, resolvedTime, { lastUpdatedTime: at });
    return toStored(incidents.update(incident.incidentId, {}), alert);
  }

  return {
    all,
    get: (alertId) => all().find(({ alert }) => alert.alertId === alertId),
    update,
    comment(stored, comment, createdByDisplayName) {
      const createdDateTime = new Date(now()).toISOString();
      const added = {
        '@odata.type': '#microsoft.graph.security.alertComment',
        comment,
        createdByDisplayName,
        createdDateTime,
      } as const;
      commentsById.set(stored.alert.alertId, [...stored.comments, added]);
      return update(stored, {});
    },
  };
}

function newestFirst({ alert: a }: StoredAlert, { alert: b }: StoredAlert): number {
  return Date.parse(b.creationTime) - Date.parse(a.creationTime) || (a.alertId < b.alertId ? 1 : -1);
}

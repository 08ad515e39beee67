export const eventTypes = ['incident.created', 'incident.updated', 'hunt.results'] as const;

/** Something that has happened in a tenant and that subscriptions are told of. */
export interface TenantEvent {
  type: (typeof eventTypes)[number];
  tenantId: string;
  /** ISO 8601 in UTC. */
  timestamp: string;
  /** Events of one subject are delivered in the order of `version`, one after the other: `incident/42`, `hunt/<id>`. */
  subject: string;
  /** Sortable text that tells the versions of a subject apart, such as an instant of 7 fractional digits. The same version is the same event. */
  version: string;
  /** By which subscriptions filter; absent where the event has none. */
  severity?: string | undefined;
  status?: string | undefined;
  incidentId?: number | undefined;
  /** JSON of what happened: an incident, or a hunt's results. */
  data: string;
}

/**
 * Makes sure that every subscription that wants one of the events is told of it, at least once, and returns when that is stored. Doing it
 * twice with the same event tells nobody twice.
 * @returns how many deliveries were made of it.
 * @throws {UpstreamError} of `storage`; some of the events may have been taken by then.
 */
export type PublishEvents = (events: readonly TenantEvent[]) => Promise<number>;

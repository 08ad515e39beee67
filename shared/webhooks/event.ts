/** What a subscription can ask for. */
export const eventTypes = ['incident.created', 'incident.updated', 'hunt.results'] as const;
export type EventType = (typeof eventTypes)[number];

/** What every event has. */
export interface EventBase {
  tenantId: string;
  /** ISO 8601 in UTC. */
  timestamp: string;
  /** Events with the same subject are delivered in the order of `version`, one at a time: `incident/42`, `hunt/<id>`. */
  subject: string;
  /** Identifies an event of a subject and sorts as text, such as an instant with seven fraction digits. */
  version: string;
  /** JSON: an incident, or the results of a hunt. Large results are bytes, read from the start each time. */
  data: string | (() => Iterable<Uint8Array>);
}

/** The position of a version among those of the tenant, and the time of its update in epoch milliseconds. */
export interface VersionPosition {
  sequence: number;
  updatedAt: number;
}

/** Severity and status of published versions of an incident, with the first and the last of them. */
export interface Publication {
  severity?: string | undefined;
  status?: string | undefined;
  first: VersionPosition;
  last: VersionPosition;
}

/** A new version of an incident. Whether it is created or updated differs from listener to listener. */
export interface IncidentEvent extends EventBase {
  type: 'incident';
  data: string;
  incidentId: number;
  severity?: string | undefined;
  status?: string | undefined;
  /** Position among the published versions of the tenant. */
  sequence: number;
  /** Versions of the incident that were published before. */
  earlier: readonly Publication[];
}

interface HuntEvent extends EventBase {
  type: 'hunt.results';
}

/** Something that happened in a tenant, for the subscriptions that want it. */
export type TenantEvent = IncidentEvent | HuntEvent;

/**
 * Stores a delivery for every subscription that wants one of the events, at least once. Publishing an event again is harmless.
 * Returns the number of new deliveries.
 * @throws {UpstreamError} of `storage`; some deliveries may be stored by then.
 */
export type PublishEvents = (events: readonly TenantEvent[]) => Promise<number>;

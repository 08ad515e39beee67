import type { Incident } from './incident.ts';

/** The incidents of one tenant, newest first: by `createdTime`, then by id. */
export interface IncidentStore {
  all(): readonly Incident[];
  get(incidentId: number): Incident | undefined;
  add(incident: Incident): void;
  /** Changes an incident and its `lastUpdateTime`. */
  update(incidentId: number, changes: Partial<Omit<Incident, 'incidentId' | 'createdTime'>>): Incident;
  /** An incident as JSON, serialized once for each change. */
  toJson(incident: Incident): string;
  /** What was made from the present state, so that an unchanged list is serialized once; a change forgets it. */
  remember(key: string, make: () => Uint8Array): Uint8Array;
}

const rememberedLists = 64;

export function createIncidentStore(incidents: readonly Incident[], now: () => number): IncidentStore {
  const byId = new Map(incidents.map((incident) => [incident.incidentId, incident]));
  let ordered: readonly Incident[] | undefined;
  const serialized = new Map<number, string>();
  const lists = new Map<string, Uint8Array>();

  function changed(incidentId: number): void {
    serialized.delete(incidentId);
    lists.clear();
  }

  return {
    all() {
      ordered ??= [...byId.values()].sort(newestFirst);
      return ordered;
    },
    get: (incidentId) => byId.get(incidentId),
    add(incident) {
      byId.set(incident.incidentId, incident);
      ordered = undefined;
      changed(incident.incidentId);
    },
    update(incidentId, changes) {
      const incident = byId.get(incidentId);
      if (!incident) throw new Error(`There is no incident ${incidentId}`);
      changed(incidentId);
      return Object.assign(incident, { lastUpdateTime: new Date(now()).toISOString() }, changes);
    },
    toJson(incident) {
      const known = serialized.get(incident.incidentId);
      if (known !== undefined) return known;
      const text = JSON.stringify(incident);
      serialized.set(incident.incidentId, text);
      return text;
    },
    remember(key, make) {
      const known = lists.get(key);
      if (known) return known;
      if (lists.size === rememberedLists) lists.clear();
      const made = make();
      lists.set(key, made);
      return made;
    },
  };
}

function newestFirst(a: Incident, b: Incident): number {
  return Date.parse(b.createdTime) - Date.parse(a.createdTime) || b.incidentId - a.incidentId;
}

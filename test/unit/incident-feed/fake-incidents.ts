import {
  type IncidentVersion,
  type IncidentWindow,
  maxWindowPage,
  type WindowPage,
  type WindowRange,
} from '../../../shared/defender/incident-window.ts';
import { formatTicks, type Ticks, ticksPerMs, toTicks } from '../../../shared/defender/ticks.ts';

interface Stored {
  version: IncidentVersion;
  /** Epoch milliseconds. */
  visibleAt: number;
}

/** `lateMs`: how long the change stays invisible. Other members are the incident's. */
interface Change {
  at?: Ticks;
  lateMs?: number;
  severity?: string;
  status?: string;
  title?: string;
}

/** The incidents of a tenant as a service lists them: by creation, by last update, or in no usable order. */
export function createFakeIncidents(now: () => number, order: 'created' | 'updated' | 'shuffled' = 'created') {
  /** The service compares whole milliseconds. */
  const whole = (at: Ticks) => at / ticksPerMs;
  const latest = new Map<number, Stored>();
  let former = new Map<number, Stored>();
  let calls = 0;
  const rank = ({ incidentId }: IncidentVersion) => (incidentId * 2_654_435_761) % 4_294_967_296;

  function visible(): IncidentVersion[] {
    return [...latest.values()].flatMap((stored) => {
      const shown = stored.visibleAt <= now() ? stored : former.get(stored.version.incidentId);
      return shown !== undefined && shown.visibleAt <= now() ? [shown.version] : [];
    });
  }

  function put(incidentId: number, createdAt: Ticks, updatedAt: Ticks, visibleAt: number, changes: object): void {
    const before = latest.get(incidentId);
    if (before !== undefined && before.visibleAt <= now()) former.set(incidentId, before);
    const incident = {
      incidentId,
      createdTime: formatTicks(createdAt),
      lastUpdateTime: formatTicks(updatedAt),
      severity: 'Medium',
      status: 'Active',
      ...changes,
    };
    latest.set(incidentId, { version: { incidentId, createdAt, updatedAt, incident }, visibleAt });
  }

  return {
    get calls() {
      return calls;
    },
    /** The versions that the service lists now. */
    visible,
    create(incidentId: number, { at = toTicks(now()), lateMs = 0, ...changes }: Change = {}) {
      put(incidentId, at, at, now() + lateMs, changes);
    },
    update(incidentId: number, { at = toTicks(now()), lateMs = 0, ...changes }: Change = {}) {
      const stored = latest.get(incidentId);
      if (stored !== undefined && at > stored.version.updatedAt)
        put(incidentId, stored.version.createdAt, at, now() + lateMs, changes);
    },
    forgetFormer() {
      former = new Map();
    },
    async readWindow(window: IncidentWindow, { top = maxWindowPage, skip = 0 }: WindowRange = {}): Promise<WindowPage> {
      calls++;
      const { updatedFrom, updatedBefore, createdFrom, createdBefore } = window;
      const found = visible()
        .filter(
          ({ updatedAt }) =>
            whole(updatedAt) >= whole(updatedFrom) &&
            (updatedBefore === undefined || whole(updatedAt) < whole(updatedBefore)),
        )
        .filter(
          ({ createdAt }) =>
            (createdFrom === undefined || whole(createdAt) >= whole(createdFrom)) &&
            (createdBefore === undefined || whole(createdAt) < whole(createdBefore)),
        )
        .sort((a, b) => {
          if (order === 'shuffled') return rank(a) - rank(b);
          const [first, second] = order === 'created' ? [a.createdAt, b.createdAt] : [a.updatedAt, b.updatedAt];
          return first === second ? b.incidentId - a.incidentId : first > second ? -1 : 1;
        });
      const versions = found.slice(skip, skip + top);
      return { versions, unversioned: [], count: versions.length, end: versions.length < top ? 'reached' : 'open' };
    },
  };
}

import assert from 'node:assert/strict';
import type { Cloud } from '../sandbox/cloud.ts';
import type { Random } from '../sandbox/data/random.ts';
import type { Incident } from '../sandbox/incident.ts';

const firstId = 1_000_000;
const idsPerTenant = 1_000_000;

/** The incidents of one tenant that the torture creates and updates. */
export interface TortureIncidents {
  readonly tenantId: string;
  add(at: number): void;
  /** Updates a random incident, unless it has a newer version. */
  update(at: number): void;
  /** Adds incidents that share one `lastUpdateTime`. */
  addBurst(count: number, at: number): void;
  /** The latest version of every incident updated after an instant (epoch milliseconds). */
  latestAfter(at: number): Version[];
  isOwn(incidentId: number): boolean;
  newestId(): number | undefined;
}

export interface Version {
  readonly incidentId: number;
  /** A sortable form of `lastUpdateTime`, the same for every way to write it. */
  readonly version: string;
}

export function createTortureIncidents(cloud: Cloud, random: Random, index: number): TortureIncidents {
  const tenant = cloud.world.tenants[index] ?? assert.fail('The sandbox has no such tenant');
  const store = cloud.securityOf(tenant.id).incidents;
  const [template] = store.all();
  assert.ok(template);
  const small: Incident = { ...template, alerts: [], comments: [], redirectIncidentId: null, status: 'Active' };
  const from = firstId + index * idsPerTenant;
  const ids: number[] = [];
  const pickId = () => ids[random.integer(0, ids.length - 1)] ?? assert.fail('There are no incidents');

  function addAt(lastUpdateTime: string): void {
    const incidentId = from + ids.length;
    ids.push(incidentId);
    store.add({ ...small, incidentId, createdTime: lastUpdateTime, lastUpdateTime });
  }

  return {
    tenantId: tenant.id,
    add: (at) => addAt(writeInstant(at, random)),
    update(at) {
      const incident = store.get(pickId());
      const lastUpdateTime = writeInstant(at, random);
      if (incident === undefined || incident.lastUpdateTime >= lastUpdateTime) return;
      const isMerged = random.chance(0.05);
      store.update(incident.incidentId, {
        lastUpdateTime,
        status: isMerged ? 'Redirected' : random.pick(['Active', 'InProgress', 'Resolved'] as const),
        ...(isMerged && { redirectIncidentId: pickId() }),
      });
    },
    addBurst(count, at) {
      for (let added = 0; added < count; added++) addAt(`${new Date(at).toISOString().slice(0, 23)}4567Z`);
    },
    latestAfter: (at) =>
      store
        .all()
        .filter(({ incidentId, lastUpdateTime }) => incidentId >= firstId && Date.parse(lastUpdateTime) > at)
        .map(({ incidentId, lastUpdateTime }) => ({ incidentId, version: toVersion(lastUpdateTime) })),
    isOwn: (incidentId) => incidentId >= from && incidentId < from + idsPerTenant,
    newestId: () => ids.at(-1),
  };
}

/** With seven fractional digits, as Defender writes them. */
const writeInstant = (at: number, random: Random): string =>
  new Date(at).toISOString().replace('Z', `${String(random.integer(0, 9_999)).padStart(4, '0')}Z`);

/** Writes an instant in one of the ways in which services write them. */
export function rewriteInstant(text: string, incidentId: number): string {
  if (incidentId % 7 === 0) return text.replace('Z', '');
  if (incidentId % 11 !== 0) return text;
  const [seconds = '', fraction = ''] = text.replace('Z', '').split('.');
  const inParis = new Date(Date.parse(`${seconds}Z`) + 2 * 60 * 60_000).toISOString().slice(0, 19);
  return `${inParis}.${fraction}+02:00`;
}

export function toVersion(text: string): string {
  const [, seconds, fraction = '', zone = 'Z'] =
    /^(.{19})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? assert.fail(`${text} is not an instant`);
  return `${Date.parse(`${seconds}${zone}`)}.${fraction.padEnd(7, '0')}`;
}

import { type AlertStore, createAlertStore } from './alert-store.ts';
import { createEstate } from './data/estate.ts';
import { createHuntingTables } from './data/hunting-tables.ts';
import { createIncidents } from './data/incidents.ts';
import { createMachines, type Machine } from './data/machines.ts';
import { createRandom } from './data/random.ts';
import { createIncidentStore, type IncidentStore } from './incident-store.ts';
import { createIndicatorStore, type IndicatorStore } from './indicator-store.ts';
import type { Table } from './kql/table.ts';
import { createMachineActionStore, type MachineActionStore } from './machine-action-store.ts';
import type { Tenant } from './world.ts';

/** What Defender knows about one tenant. */
export interface TenantSecurity {
  readonly incidents: IncidentStore;
  /** The same alerts that the incidents have. */
  readonly alerts: AlertStore;
  /** The devices that incidents and tables name. */
  readonly machines: Machine[];
  readonly machineActions: MachineActionStore;
  readonly indicators: IndicatorStore;
  readonly tables: ReadonlyMap<string, Table>;
}

/**
 * Always the same for a tenant at an instant. The tables are those of the incidents as they were made: later changes do
 * not show in them.
 * @param minimumBytes Every incident is at least this big as JSON.
 */
export function createTenantSecurity(tenant: Tenant, now: () => number, minimumBytes: number): TenantSecurity {
  const random = createRandom(tenant.id);
  const startedAt = now();
  const estate = createEstate(tenant.domain, random);
  const incidents = createIncidents(estate, { count: tenant.incidentCount, until: startedAt, minimumBytes }, random);
  let tables: ReadonlyMap<string, Table> | undefined;
  const store = createIncidentStore(incidents, now);
  return {
    incidents: store,
    alerts: createAlertStore(store, now),
    machines: createMachines(estate, startedAt),
    machineActions: createMachineActionStore(now),
    indicators: createIndicatorStore(now),
    get tables() {
      tables ??= createHuntingTables(estate, incidents, startedAt, random);
      return tables;
    },
  };
}

import type { Api } from '../clouds.ts';

/** What a token must allow for a call: any one of the names, the narrowest first. */
export interface Permission {
  api: Api;
  application: readonly [string, ...string[]];
}

export const readIncidents: Permission = {
  api: 'defenderXdr',
  application: ['Incident.Read.All', 'Incident.ReadWrite.All'],
};

export const writeIncidents: Permission = { api: 'defenderXdr', application: ['Incident.ReadWrite.All'] };

export const huntInGraph: Permission = { api: 'graph', application: ['ThreatHunting.Read.All'] };

export const huntInXdr: Permission = { api: 'defenderXdr', application: ['AdvancedHunting.Read.All'] };

/** What the application needs to do all that it offers, in each API that it uses. */
export function requiredPermissions(isReadOnly: boolean, huntingApi: 'graph' | 'xdr'): Permission[] {
  return [isReadOnly ? readIncidents : writeIncidents, huntingApi === 'graph' ? huntInGraph : huntInXdr];
}

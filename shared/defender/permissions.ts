import type { Api } from '../clouds.ts';

/** What a token must allow for a call: any one of the names, the narrowest first. */
export interface Permission {
  api: Api;
  /** The names of the application's own permissions. */
  application: readonly [string, ...string[]];
  /** The names of the permissions that a user delegates. */
  user: readonly [string, ...string[]];
}

export const readIncidents: Permission = {
  api: 'defenderXdr',
  application: ['Incident.Read.All', 'Incident.ReadWrite.All'],
  user: ['Incident.Read', 'Incident.ReadWrite'],
};

export const writeIncidents: Permission = {
  api: 'defenderXdr',
  application: ['Incident.ReadWrite.All'],
  user: ['Incident.ReadWrite'],
};

export const readAlerts: Permission = {
  api: 'graph',
  application: ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'],
  user: ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'],
};

export const writeAlerts: Permission = {
  api: 'graph',
  application: ['SecurityAlert.ReadWrite.All'],
  user: ['SecurityAlert.ReadWrite.All'],
};

export const huntInGraph: Permission = {
  api: 'graph',
  application: ['ThreatHunting.Read.All'],
  user: ['ThreatHunting.Read.All'],
};

export const huntInXdr: Permission = {
  api: 'defenderXdr',
  application: ['AdvancedHunting.Read.All'],
  user: ['AdvancedHunting.Read'],
};

/** What the application needs to do all that it offers, in each API that it uses. */
export function requiredPermissions(isReadOnly: boolean, huntingApi: 'graph' | 'xdr'): Permission[] {
  return [
    isReadOnly ? readIncidents : writeIncidents,
    isReadOnly ? readAlerts : writeAlerts,
    huntingApi === 'graph' ? huntInGraph : huntInXdr,
  ];
}

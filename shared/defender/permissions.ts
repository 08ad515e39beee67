import type { Api } from '../clouds.ts';
import type { Config } from '../config.ts';
import type { MachineActionType } from '../settings.ts';

/** The permissions of an API of which a token needs one, the narrowest first. */
export interface Permission {
  api: Api;
  /** Application permissions (app roles). */
  application: readonly [string, ...string[]];
  /** Delegated permissions. */
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

export const readMachines: Permission = {
  api: 'defenderForEndpoint',
  application: ['Machine.Read.All', 'Machine.ReadWrite.All'],
  user: ['Machine.Read', 'Machine.ReadWrite'],
};

/** With `Ti.ReadWrite` an application sees and changes only the indicators that it submitted itself. */
export const useIndicators: Permission = {
  api: 'defenderForEndpoint',
  application: ['Ti.ReadWrite', 'Ti.ReadWrite.All'],
  user: ['Ti.ReadWrite'],
};

const actOnMachines = (name: string): Permission => ({
  api: 'defenderForEndpoint',
  application: [name],
  user: [name],
});
const isolateMachines = actOnMachines('Machine.Isolate');
const restrictMachines = actOnMachines('Machine.RestrictExecution');

export const machineActionPermissions: Readonly<Record<MachineActionType, Permission>> = {
  isolate: isolateMachines,
  unisolate: isolateMachines,
  runAntiVirusScan: actOnMachines('Machine.Scan'),
  collectInvestigationPackage: actOnMachines('Machine.CollectForensics'),
  stopAndQuarantineFile: actOnMachines('Machine.StopAndQuarantine'),
  restrictCodeExecution: restrictMachines,
  unrestrictCodeExecution: restrictMachines,
  offboard: actOnMachines('Machine.Offboard'),
};

/** The permissions for every operation that the settings allow. Listing indicators requires `Ti.ReadWrite` in a read-only app too. */
export function requiredPermissions({
  isReadOnly,
  huntingApi,
  machineActions,
}: Pick<Config, 'isReadOnly' | 'huntingApi' | 'machineActions'>): Permission[] {
  const hunt = huntingApi === 'graph' ? huntInGraph : huntInXdr;
  if (isReadOnly) return [readIncidents, readAlerts, hunt, readMachines, useIndicators];
  const act = new Set(machineActions.map((type) => machineActionPermissions[type]));
  return [writeIncidents, writeAlerts, hunt, readMachines, ...act, useIndicators];
}

/** Whom permissions are granted to: the app registration, or the managed identity itself. */
export type Grantee = 'application' | 'managedIdentity';

export const granteeOf = ({ credential }: Pick<Config, 'credential'>): Grantee =>
  credential.kind === 'managedIdentity' ? 'managedIdentity' : 'application';

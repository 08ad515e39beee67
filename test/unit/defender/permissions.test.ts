import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requiredPermissions } from '../../../shared/defender/permissions.ts';

const defaultValue = { isReadOnly: false, huntingApi: 'graph', machineActions: [] } as const;

const namesOf = (changes: Partial<Parameters<typeof requiredPermissions>[0]>): string[] =>
  requiredPermissions({ ...defaultValue, ...changes }).map(({ api, application }) => `${api} ${application[0]}`);

const hunting = 'graph ThreatHunting.Read.All';
const machines = 'defenderForEndpoint Machine.Read.All';
const indicators = 'defenderForEndpoint Ti.ReadWrite';

test('requiredPermissions covers exactly the allowed operations', () => {
  const [incidents, alerts] = ['defenderXdr Incident', 'graph SecurityAlert'];
  const writing = [`${incidents}.ReadWrite.All`, `${alerts}.ReadWrite.All`];
  const reading = [`${incidents}.Read.All`, `${alerts}.Read.All`];
  assert.deepEqual(namesOf({}), [...writing, hunting, machines, indicators]);
  assert.deepEqual(namesOf({ isReadOnly: true }), [...reading, hunting, machines, indicators]);
  assert.deepEqual(namesOf({ isReadOnly: true, huntingApi: 'xdr' }), [
    ...reading,
    'defenderXdr AdvancedHunting.Read.All',
    machines,
    indicators,
  ]);
});

test('requiredPermissions lists each permission of the allowed machine actions once', () => {
  const machineActions = ['isolate', 'unisolate', 'restrictCodeExecution', 'unrestrictCodeExecution'] as const;
  const names = namesOf({ machineActions }).filter((name) => name.includes(' Machine.'));
  assert.deepEqual(names, [
    machines,
    'defenderForEndpoint Machine.Isolate',
    'defenderForEndpoint Machine.RestrictExecution',
  ]);
  assert.deepEqual(namesOf({ isReadOnly: true, machineActions }), namesOf({ isReadOnly: true }));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requiredPermissions } from '../../../shared/defender/permissions.ts';

const namesOf = (...mode: Parameters<typeof requiredPermissions>): string[] =>
  requiredPermissions(...mode).map(({ api, application }) => `${api} ${application[0]}`);

test('the app asks for no more than it offers', () => {
  const [incidents, alerts] = ['defenderXdr Incident', 'graph SecurityAlert'];
  const hunting = 'graph ThreatHunting.Read.All';
  assert.deepEqual(namesOf(false, 'graph'), [`${incidents}.ReadWrite.All`, `${alerts}.ReadWrite.All`, hunting]);
  assert.deepEqual(namesOf(true, 'graph'), [`${incidents}.Read.All`, `${alerts}.Read.All`, hunting]);
  assert.deepEqual(namesOf(true, 'xdr'), [
    `${incidents}.Read.All`,
    `${alerts}.Read.All`,
    'defenderXdr AdvancedHunting.Read.All',
  ]);
});

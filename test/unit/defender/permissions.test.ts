import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requiredPermissions } from '../../../shared/defender/permissions.ts';

const namesOf = (...mode: Parameters<typeof requiredPermissions>): string[] =>
  requiredPermissions(...mode).map(({ api, application }) => `${api} ${application[0]}`);

test('the app asks for no more than it offers', () => {
  assert.deepEqual(namesOf(false, 'graph'), ['defenderXdr Incident.ReadWrite.All', 'graph ThreatHunting.Read.All']);
  assert.deepEqual(namesOf(true, 'graph'), ['defenderXdr Incident.Read.All', 'graph ThreatHunting.Read.All']);
  assert.deepEqual(namesOf(true, 'xdr'), ['defenderXdr Incident.Read.All', 'defenderXdr AdvancedHunting.Read.All']);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Defender } from '../../../shared/defender/defender.ts';
import { openDefender } from './open-client.ts';

const reads: Record<string, { get: (defender: Defender) => Promise<unknown>; idMember: string }> = {
  incident: { get: ({ incidents }) => incidents.get(7), idMember: 'incidentId' },
  alert: { get: ({ alerts }) => alerts.get('a'), idMember: 'id' },
  machine: { get: ({ machines }) => machines.get('a'), idMember: 'id' },
  'machine action': { get: ({ machineActions }) => machineActions.get('a'), idMember: 'id' },
};

for (const [name, { get, idMember }] of Object.entries(reads)) {
  describe(`response with a single ${name}`, () => {
    for (const body of ['', 'null', '[]', '{}', '"x"', '{"value":[]}', `{"${idMember}":null}`, `{"${idMember}":""}`]) {
      test(`causes a 502 without an id: ${body || 'empty'}`, async () => {
        const { defender } = openDefender({ script: [{ body }] });
        await assert.rejects(get(defender), { name: 'UpstreamError', failure: 'malformed' });
      });
    }

    for (const id of ['7', 'a-1']) {
      test(`is passed through with the id ${id}`, async () => {
        const { defender } = openDefender({ script: [{ body: { [idMember]: id } }] });
        await get(defender);
      });
    }
  });
}

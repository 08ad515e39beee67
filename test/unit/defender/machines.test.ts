import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineQuery } from '../../../shared/defender/machines.ts';
import { openDefender } from './open-client.ts';
import { textOf } from './things.ts';

const machinesUrl = 'https://api.security.microsoft.com/api/machines';
const notFound = { status: 404, body: { error: { code: 'ResourceNotFound', message: 'No recent machines.' } } };

async function filterOf(query: Omit<MachineQuery, 'top'>): Promise<string | null | undefined> {
  const { defender, httpClient } = openDefender({ script: [{ body: { value: [] } }] });
  await defender.machines.list({ ...query, top: 10 });
  return httpClient.requests[0]?.url.searchParams.get('$filter');
}

describe('filter of a machine list', () => {
  test('sends no $filter without filters', async () => assert.equal(await filterOf({}), null));

  test('uses the members and operators of Defender for Endpoint and quotes values', async () => {
    assert.equal(
      await filterOf({
        name: "o'neil",
        healthStatus: ['Active', 'Inactive'],
        riskScore: ['High'],
        exposureLevel: ['Low'],
        lastSeenSince: '2026-11-01T00:00:00Z',
      }),
      "startswith(computerDnsName,'o''neil') and (healthStatus eq 'Active' or healthStatus eq 'Inactive')" +
        " and riskScore eq 'High' and exposureLevel eq 'Low' and lastSeen ge 2026-11-01T00:00:00Z",
    );
  });

  test('matches a name in lower case too', async () => {
    assert.equal(
      await filterOf({ name: 'WS-1' }),
      "(startswith(computerDnsName,'WS-1') or startswith(computerDnsName,'ws-1'))",
    );
  });
});

describe('machine list', () => {
  test('requests one machine more than top to recognize the last page', async () => {
    const value = ['a', 'b', 'c'].map((id) => ({ id }));
    const { defender, httpClient } = openDefender({ script: [{ body: { value } }] });
    const page = await defender.machines.list({ top: 2 }, { skip: 4 });
    assert.equal(httpClient.requests[0]?.url.href, `${machinesUrl}?$top=3&$skip=4`);
    assert.deepEqual(JSON.parse(textOf(page)), [{ id: 'a' }, { id: 'b' }]);
    assert.deepEqual(page.next, { skip: 6 });
  });

  test('returns an empty list after a 404', async () => {
    const { defender } = openDefender({ script: [notFound] });
    const page = await defender.machines.list({ top: 2 });
    assert.deepEqual([textOf(page), page.next], ['[]', undefined]);
  });

  test('follows a link to the securitycenter host on the host in use', async () => {
    const link = 'https://api.securitycenter.microsoft.com/api/machines?$skiptoken=x';
    const script = [{ body: { value: [{ id: 'a' }], '@odata.nextLink': link } }, { body: { value: [{ id: 'b' }] } }];
    const { defender, httpClient } = openDefender({ script });
    await defender.machines.list({ top: 10 });
    assert.equal(httpClient.requests[1]?.url.href, `${machinesUrl}?$skiptoken=x`);
  });
});

test('get returns 404 for an unknown machine', async () => {
  const { defender } = openDefender({ script: [notFound] });
  await assert.rejects(defender.machines.get('a'.repeat(40)), { name: 'RequestError', status: 404, code: 'NotFound' });
});

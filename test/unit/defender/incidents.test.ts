import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { IncidentQuery, IncidentUpdate } from '../../../shared/defender/incidents.ts';
import type { ScriptedReply } from '../fake-http-client.ts';
import { openDefender } from './open-client.ts';
import { textOf } from './things.ts';

const emptyList = { body: { value: [] } };
const refused = (status: number, message: string): ScriptedReply => ({
  status,
  body: { error: { code: 'InvalidInput', message, target: 't-1' } },
});

async function filterOf(query: Omit<IncidentQuery, 'top'>): Promise<string | null | undefined> {
  const { defender, httpClient } = openDefender({ script: [emptyList] });
  await defender.incidents.list({ ...query, top: 10 });
  return httpClient.requests[0]?.url.searchParams.get('$filter');
}

describe('filter of an incident list', () => {
  test('sends no $filter without filters', async () => assert.equal(await filterOf({}), null));

  test('uses the members and operators of the service', async () => {
    const instants = {
      createdSince: '2026-11-01T00:00:00Z',
      updatedSince: '2026-11-02T00:00:00.1234567Z',
      updatedBefore: '2026-11-03T00:00:00Z',
    };
    assert.equal(
      await filterOf({ status: ['Active'], assignedTo: 'a@contoso.com', ...instants }),
      "status eq 'Active' and assignedTo eq 'a@contoso.com' and createdTime ge 2026-11-01T00:00:00Z" +
        ' and lastUpdateTime ge 2026-11-02T00:00:00.1234567Z and lastUpdateTime lt 2026-11-03T00:00:00Z',
    );
  });

  test('groups alternatives in parentheses', async () => {
    assert.equal(
      await filterOf({ status: ['Active', 'InProgress'], assignedTo: 'a' }),
      "(status eq 'Active' or status eq 'InProgress') and assignedTo eq 'a'",
    );
  });

  test('quotes values of the caller', async () => {
    assert.equal(await filterOf({ assignedTo: "O'Neil' or '1' eq '1" }), "assignedTo eq 'O''Neil'' or ''1'' eq ''1'");
  });

  test('omits severity, which the service does not support', async () => {
    assert.equal(await filterOf({ severity: ['High'] }), null);
  });
});

describe('incident list', () => {
  test('filters by severity in any spelling of the service', async () => {
    const value = ['High', 'high', 'Low', 'unknown'].map((severity, index) => ({ incidentId: index, severity }));
    const { defender } = openDefender({ script: [{ body: { value } }] });
    const text = textOf(await defender.incidents.list({ severity: ['High', 'UnSpecified'], top: 10 }));
    assert.deepEqual(JSON.parse(text), [
      { incidentId: 0, severity: 'High' },
      { incidentId: 1, severity: 'High' },
      { incidentId: 3, severity: 'UnSpecified' },
    ]);
  });

  test('requests 100 incidents at a time', async () => {
    const { defender, httpClient } = openDefender({ script: [emptyList] });
    await defender.incidents.list({ top: 1_000 });
    assert.equal(httpClient.requests[0]?.url.href, 'https://api.security.microsoft.com/api/incidents?$top=100');
  });

  test('normalizes enumerations of alerts too and keeps unknown values', async () => {
    const alerts = [{ alertId: 'a', severity: 'high', determination: 'notMalicious', status: 'somethingNew' }];
    const { defender } = openDefender({ script: [{ body: { value: [{ incidentId: 1, alerts }] } }] });
    const text = textOf(await defender.incidents.list({ top: 10 }));
    const expected = [{ alertId: 'a', severity: 'High', determination: 'Clean', status: 'somethingNew' }];
    assert.deepEqual(JSON.parse(text), [{ incidentId: 1, alerts: expected }]);
  });

  test('does not merge incidents without an id', async () => {
    const { defender } = openDefender({ script: [{ body: { value: [{ a: 1 }, { a: 2 }] } }] });
    assert.equal(textOf(await defender.incidents.list({ top: 10 })), '[{"a":1},{"a":2}]');
  });
});

describe('single incident', () => {
  test('has redirectIncidentId when it was merged', async () => {
    const body = '{"incidentId":7,"status":"Redirected","redirectIncidentId":8}';
    const { defender, httpClient } = openDefender({ script: [{ body }] });
    assert.equal(await defender.incidents.get(7), body);
    assert.equal(httpClient.requests[0]?.url.pathname, '/api/incidents/7');
  });

  test('returns 404 NotFound when it does not exist', async () => {
    const { defender } = openDefender({ script: [refused(404, 'x'), refused(404, 'x')] });
    const notFound = { name: 'RequestError', status: 404, code: 'NotFound', message: /incident 7/ };
    await assert.rejects(defender.incidents.get(7), notFound);
    await assert.rejects(defender.incidents.update(7, { comment: 'x' }), notFound);
  });

  test('fails as malformed when it is not an object', async () => {
    const { defender } = openDefender({ script: [{ body: '[]' }] });
    await assert.rejects(defender.incidents.get(7), { name: 'UpstreamError', failure: 'malformed' });
  });
});

describe('incident update', () => {
  const sentBodies = (requests: readonly { body: string | undefined }[]) =>
    requests.map(({ body }) => JSON.parse(body ?? ''));

  test('sends the given members and returns the updated incident', async () => {
    const update: IncidentUpdate = {
      status: 'Resolved',
      assignedTo: '',
      tags: [],
      comment: 'Done',
      determination: 'Malware',
    };
    const { defender, httpClient } = openDefender({ script: [{ body: { incidentId: 7, status: 'resolved' } }] });
    assert.equal(await defender.incidents.update(7, update), '{"incidentId":7,"status":"Resolved"}');
    const [request] = httpClient.requests;
    assert.deepEqual([request?.method, request?.url.pathname], ['PATCH', '/api/incidents/7']);
    assert.deepEqual(sentBodies(httpClient.requests), [update]);
  });

  test('tries every published spelling of the determination', async () => {
    const { defender, httpClient } = openDefender({
      script: [
        refused(400, 'first'),
        refused(400, 'second'),
        { body: { incidentId: 7, determination: 'NotEnoughDataToValidate' } },
      ],
    });
    const text = await defender.incidents.update(7, { determination: 'NoEnoughDataToValidate', comment: 'x' });
    assert.deepEqual(JSON.parse(text), { incidentId: 7, determination: 'NoEnoughDataToValidate' });
    assert.deepEqual(
      sentBodies(httpClient.requests),
      ['NoEnoughDataToValidate', 'InsufficientData', 'NotEnoughDataToValidate'].map((determination) => ({
        determination,
        comment: 'x',
      })),
    );
  });

  test('returns RejectedByDefender with the first message when every spelling is rejected', async () => {
    const { defender } = openDefender({ script: [refused(400, 'first'), refused(400, 'second')] });
    await assert.rejects(defender.incidents.update(7, { determination: 'Clean' }), {
      name: 'RequestError',
      status: 400,
      code: 'RejectedByDefender',
      message: 'first',
      upstream: { service: 'defender', status: 400, code: 'InvalidInput', requestId: 't-1' },
    });
  });

  for (const update of [{ comment: 'x' }, { determination: 'Malware' }]) {
    test(`sends a change without aliases once: ${JSON.stringify(update)}`, async () => {
      const { defender } = openDefender({ script: [refused(400, 'No.')] });
      await assert.rejects(defender.incidents.update(7, update), { code: 'RejectedByDefender', message: 'No.' });
    });
  }

  for (const status of [403, 404, 409, 500]) {
    test(`does not try another spelling after ${status}`, async () => {
      const { defender, httpClient } = openDefender({ script: [refused(status, 'No.')] });
      await assert.rejects(defender.incidents.update(7, { determination: 'Clean' }));
      assert.equal(httpClient.requests.length, 1);
    });
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Incident } from '../sandbox/incident.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus, idsOf, pageOf } from './replies.ts';

const { cloud, call } = await useApp();
const { incidents } = cloud.securityOf(cloud.world.home.id);

const idsWhere = (isWanted: (incident: Incident) => boolean): number[] =>
  incidents
    .all()
    .filter(isWanted)
    .map(({ incidentId }) => incidentId);

const list = async (query: string) => pageOf(await call(`GET /incidents?${query}`));

function incidentAt(position: number): Incident {
  const incident = incidents.all()[position];
  assert.ok(incident);
  return incident;
}

describe('listIncidents', () => {
  it('returns the newest 100 incidents by default, as the service sends them', async () => {
    const page = pageOf(await call('GET /incidents'));
    assert.deepEqual(page.value, incidents.all().slice(0, 100));
  });

  it('returns as many as requested for any page size of the service', async () => {
    assert.deepEqual(idsOf(await list('top=3')), idsWhere(() => true).slice(0, 3));
    assert.deepEqual(idsOf(await list('top=101')), idsWhere(() => true).slice(0, 101));
    cloud.behavior.nextLinks = true;
    cloud.behavior.incidentPageSize = 7;
    assert.deepEqual(idsOf(await list('top=20')), idsWhere(() => true).slice(0, 20));
  });

  it('omits nextLink on the last page', async () => {
    const page = await list('top=1000');
    assert.equal(page.value.length, incidents.all().length);
    assert.ok(!('nextLink' in page));
  });

  it('filters by status and owner', async () => {
    const assignedTo = incidents.all().find((incident) => incident.assignedTo !== null)?.assignedTo ?? '';
    const ids = idsOf(await list(`top=1000&status=Active,InProgress&assignedTo=${encodeURIComponent(assignedTo)}`));
    assert.ok(ids.length > 0);
    assert.deepEqual(
      ids,
      idsWhere((each) => ['Active', 'InProgress'].includes(each.status) && each.assignedTo === assignedTo),
    );
  });

  it('escapes a quote in the name of an owner', async () => {
    incidents.update(incidentAt(5).incidentId, { assignedTo: "o'neil@contoso.com" });
    assert.deepEqual(idsOf(await list("assignedTo=o'neil@contoso.com")), [incidentAt(5).incidentId]);
  });

  it('treats Since as inclusive and Before as exclusive', async () => {
    const { createdTime } = incidentAt(10);
    assert.deepEqual(
      idsOf(await list(`top=1000&createdSince=${createdTime}`)),
      idsWhere((each) => Date.parse(each.createdTime) >= Date.parse(createdTime)),
    );
    const updated = incidentAt(20);
    const since = await list(`top=1000&updatedSince=${updated.lastUpdateTime}`);
    const before = await list(`top=1000&updatedBefore=${updated.lastUpdateTime}`);
    assert.ok(idsOf(since).includes(updated.incidentId));
    assert.ok(!idsOf(before).includes(updated.incidentId));
    assert.equal(since.value.length + before.value.length, incidents.all().length);
  });

  it('accepts an instant with any offset, also with an unencoded plus', async () => {
    const at = Date.parse(incidentAt(10).createdTime);
    const inParis = new Date(at + 3_600_000).toISOString().replace('Z', '+01:00');
    assert.deepEqual(
      idsOf(await list(`createdSince=${inParis}`)),
      idsOf(await list(`createdSince=${incidentAt(10).createdTime}`)),
    );
  });

  it('sends every digit of an instant to the service', async () => {
    await list('updatedSince=2026-11-01T10:00:00.1234567%2B02:00');
    const url = new URL(cloud.calls.of('defenderXdr')[0]?.url ?? '');
    assert.equal(url.searchParams.get('$filter'), 'lastUpdateTime ge 2026-11-01T08:00:00.1234567Z');
  });

  it('filters by severity after paging, so that a page may be short', async () => {
    const ids: number[] = [];
    let page = await list('severity=high,Medium&top=90');
    assert.ok(page.value.length < 90 && page.nextLink !== undefined);
    for (; ; page = pageOf(await call(`GET ${page.nextLink}`))) {
      ids.push(...idsOf(page));
      if (page.nextLink === undefined) break;
    }
    assert.deepEqual(
      ids,
      idsWhere(({ severity }) => ['High', 'Medium'].includes(severity)),
    );
  });

  it('accepts enumerations in any case, with blanks and as repeated parameters', async () => {
    const expected = await list('status=Active,Resolved&top=1000');
    for (const query of ['status=ACTIVE,%20resolved%20', 'status=active&status=RESOLVED']) {
      assert.deepEqual(await list(`${query}&top=1000`), expected);
    }
  });

  it('returns enumerations in canonical spelling and passes unknown values through', async () => {
    const { incidentId } = incidentAt(0);
    incidents.update(incidentId, { status: 'inProgress', determination: 'compromisedUser', classification: 'Novel' });
    const expected = { status: 'InProgress', determination: 'CompromisedAccount', classification: 'Novel' };
    assert.partialDeepStrictEqual((await list('top=1')).value, [expected]);
    assert.partialDeepStrictEqual((await call(`GET /incidents/${incidentId}`)).json, expected);
  });
});

describe('getIncident', () => {
  it('returns the incident as the service sends it', async () => {
    const reply = await call(`GET /incidents/${incidentAt(3).incidentId}`);
    assertStatus(reply, 200);
    assert.partialDeepStrictEqual(reply.json, incidentAt(3));
  });

  it('returns a merged incident with the id of its target', async () => {
    const [merged, target] = [incidentAt(30).incidentId, incidentAt(31).incidentId];
    incidents.update(merged, { status: 'Redirected', redirectIncidentId: target });
    const reply = await call(`GET /incidents/${merged}`);
    assertStatus(reply, 200);
    assert.partialDeepStrictEqual(reply.json, { incidentId: merged, status: 'Redirected', redirectIncidentId: target });
  });

  it('returns 404 for an unknown incident', async () => {
    const problem = assertProblem(await call('GET /incidents/1'), 404, 'NotFound');
    assert.partialDeepStrictEqual(problem.upstream, { service: 'defender', status: 404, code: 'NotFound' });
  });

  it('returns 400 for an id that is not a number, without an upstream call', async () => {
    for (const id of ['abc', '0', '-1', '1.5', '1e3', '%20', '9'.repeat(30)]) {
      const { errors } = assertProblem(await call(`GET /incidents/${id}`), 400, 'InvalidRequest');
      assert.partialDeepStrictEqual(errors, [{ in: 'path', name: 'incidentId' }]);
    }
    assert.equal(cloud.calls.all.length, 0);
  });
});

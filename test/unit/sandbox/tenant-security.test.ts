import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tenant } from '../../sandbox/world.ts';
import { createCaller, startedAt } from './caller.ts';

const incidentsOf = (caller: ReturnType<typeof createCaller>, tenant: Tenant) =>
  caller.cloud.securityOf(tenant.id).incidents.all();

describe('the data of a tenant', () => {
  it('is the same every time', () => {
    const [one, other] = [createCaller(), createCaller()];
    assert.deepEqual(incidentsOf(one, one.cloud.world.home), incidentsOf(other, other.cloud.world.home));
  });

  it('covers 30 days with some hundred incidents of one to five alerts', () => {
    const caller = createCaller();
    const incidents = incidentsOf(caller, caller.cloud.world.home);
    assert.equal(incidents.length, 240);
    for (const { createdTime, lastUpdateTime, alerts } of incidents) {
      const createdAt = Date.parse(createdTime);
      assert.ok(createdAt <= startedAt && createdAt >= startedAt - 30 * 24 * 60 * 60 * 1000);
      assert.ok(Date.parse(lastUpdateTime) <= startedAt);
      assert.ok(alerts.length >= 1 && alerts.length <= 5);
    }
  });

  it('has merged incidents that point to earlier ones', () => {
    const caller = createCaller();
    const incidents = incidentsOf(caller, caller.cloud.world.home);
    const merged = incidents.filter(({ status }) => status === 'Redirected');
    assert.ok(merged.length > 0);
    for (const { redirectIncidentId } of merged) {
      assert.ok(incidents.some(({ incidentId }) => incidentId === redirectIncidentId));
    }
  });

  it('can be as heavy as the real one', () => {
    const caller = createCaller({ minimumIncidentBytes: 12_000 });
    for (const incident of incidentsOf(caller, caller.cloud.world.home)) {
      assert.ok(JSON.stringify(incident).length >= 12_000);
    }
  });

  it('can be extended and changed by tests', () => {
    const { cloud } = createCaller();
    const { incidents } = cloud.securityOf(cloud.world.home.id);
    const [newest] = incidents.all();
    assert.ok(newest);
    incidents.add({ ...newest, incidentId: newest.incidentId + 1 });
    incidents.update(newest.incidentId, { severity: 'High' });
    assert.equal(incidents.all().length, 241);
    assert.equal(incidents.all()[0]?.incidentId, newest.incidentId + 1);
    assert.equal(incidents.get(newest.incidentId)?.lastUpdateTime, new Date(startedAt).toISOString());
  });
});

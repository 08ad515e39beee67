import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { breakConnection } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus, idsOf, pageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { home, tenants } = cloud.world;
const [, fabrikam, northwind, woodgrove, tailspin] = tenants;
assert.ok(fabrikam && northwind && woodgrove && tailspin);
const served = [home, fabrikam, northwind, woodgrove];
const settings = { DEFENDER_TENANTS: ` ${fabrikam.id.toUpperCase()}, ${northwind.domain},${woodgrove.id} ` };
const { call, host } = await useApp({ cloud, settings });

const idsIn = (tenantId: string): number[] =>
  cloud
    .securityOf(tenantId)
    .incidents.all()
    .map(({ incidentId }) => incidentId);
const list = async (tenantId: string) => idsOf(pageOf(await call(`GET /incidents?top=1000&tenantId=${tenantId}`)));
const tokenCalls = () => cloud.calls.of('entra').filter(({ path }) => path.endsWith('/token'));

describe('tenantId', () => {
  it('selects the tenant by id or verified domain, in any case', async () => {
    for (const { id, domain } of [fabrikam, northwind, woodgrove]) {
      for (const name of [id, id.toUpperCase(), domain, domain.toUpperCase()]) {
        assert.deepEqual(await list(name), idsIn(id), name);
      }
    }
  });

  it('may name the home tenant, which is the default', async () => {
    for (const name of [home.id, home.domain]) assert.deepEqual(await list(name), idsIn(home.id));
    assert.deepEqual(idsOf(pageOf(await call('GET /incidents?top=1000'))), idsIn(home.id));
  });

  it('is accepted by every operation that acts in a tenant', async () => {
    const [incidentId] = idsIn(fabrikam.id);
    cloud.calls.clear();
    assertStatus(await call(`GET /incidents/${incidentId}?tenantId=${fabrikam.id}`), 200);
    assertStatus(await call(`PATCH /incidents/${incidentId}?tenantId=${fabrikam.id}`, { json: { tags: [] } }), 200);
    assertStatus(await call(`POST /hunting?tenantId=${fabrikam.id}`, { json: { query: 'AlertInfo | count' } }), 200);
    const called = [...cloud.calls.of('defenderXdr'), ...cloud.calls.of('graph')];
    assert.deepEqual(
      called.map(({ tenantId }) => tenantId),
      [fabrikam.id, fabrikam.id, fabrikam.id],
    );
  });

  it('is 403 when the tenant is not served, without a token request', async () => {
    await host.restart();
    for (const name of [tailspin.id, tailspin.domain, '11111111-2222-4333-8444-555555555555', 'unknown.example']) {
      const { nextStep } = assertProblem(await call(`GET /incidents?tenantId=${name}`), 403, 'TenantNotAllowed');
      assert.match(nextStep ?? '', /DEFENDER_TENANTS/);
    }
    assert.equal(tokenCalls().length, 0);
    assert.equal(cloud.calls.count('keyVault'), 0);
  });

  it('is 400 when it is neither an id nor a domain', async () => {
    for (const name of ['contoso', '123', `${home.id}0`, 'a b.com', '../common', 'common', '-a.com']) {
      const reply = await call(`GET /incidents?tenantId=${encodeURIComponent(name)}`);
      const { errors } = assertProblem(reply, 400, 'InvalidRequest');
      assert.partialDeepStrictEqual(errors, [{ in: 'query', name: 'tenantId' }]);
    }
    assert.equal(cloud.calls.all.length, 0);
  });

  it('is 503 while a domain cannot be resolved; the next call tries again', async () => {
    await host.restart();
    const remove = cloud.faults.add({ service: 'entra', effect: breakConnection });
    const reply = await call(`GET /incidents?tenantId=${northwind.domain}`);
    assert.equal(assertProblem(reply, 503, 'CredentialUnavailable').upstream?.service, 'entra');
    remove();
    assert.deepEqual(await list(northwind.domain), idsIn(northwind.id));
  });

  it('resolves a domain once', async () => {
    await host.restart();
    await Promise.all(Array.from({ length: 10 }, () => call(`GET /incidents/1?tenantId=${northwind.domain}`)));
    assert.equal(cloud.calls.of('entra').length - tokenCalls().length, 1);
  });
});

describe('two tenants', () => {
  it('never get the token of the other, also with throttled calls and retries in between', async () => {
    await host.restart();
    const struck = new Set<string>();
    const throttled = json(429, { error: { code: '429', message: 'Wait.', target: 'x' } }, { 'retry-after': '0' });
    const rejected = json(401, { error: { code: 'Unauthorized', message: 'Again.', target: 'x' } });
    cloud.faults.add({
      service: 'defenderXdr',
      effect: ({ headers }, answer) => {
        const id = headers['x-ms-client-request-id'] ?? '';
        if (struck.has(id)) return answer();
        struck.add(id);
        return struck.size % 2 === 0 ? throttled : rejected;
      },
    });
    const callers = Array.from({ length: 60 }, (_, index) => served[index % served.length] ?? home);
    const pages = await Promise.all(
      callers.map(({ id }, index) =>
        call(`GET /incidents?top=10&tenantId=${id}`, { headers: { 'x-ms-client-request-id': `${id} ${index}` } }),
      ),
    );
    for (const [index, { id }] of callers.entries()) {
      const reply = pages[index];
      assert.ok(reply);
      assert.deepEqual(idsOf(pageOf(reply)), idsIn(id).slice(0, 10));
    }
    const called = cloud.calls.of('defenderXdr');
    assert.equal(called.length, 120);
    for (const { headers, claims } of called) {
      assert.equal(claims?.tid, headers['x-ms-client-request-id']?.split(' ')[0]);
    }
  });
});

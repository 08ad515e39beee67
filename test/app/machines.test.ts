import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Machine } from '../sandbox/data/machines.ts';
import { defenderError } from '../sandbox/defender-error.ts';
import { cutBody, replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus, machinePageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { home, tenants } = cloud.world;
const [, fabrikam] = tenants;
assert.ok(fabrikam);
const { call } = await useApp({ cloud, settings: { DEFENDER_TENANTS: fabrikam.id } });
const { machines } = cloud.securityOf(home.id);

const idsWhere = (isWanted: (machine: Machine) => boolean): string[] => machines.filter(isWanted).map(({ id }) => id);
const list = async (query: string) => machinePageOf(await call(`GET /machines?${query}`)).value.map(({ id }) => id);

function machineAt(position: number): Machine {
  const found = machines[position];
  assert.ok(found);
  return found;
}

describe('listMachines', () => {
  it('returns the machines of the requested tenant', async () => {
    assert.deepEqual(
      await list('top=1000'),
      idsWhere(() => true),
    );
    const others = cloud.securityOf(fabrikam.id).machines.map(({ id }) => id);
    assert.deepEqual(await list(`top=1000&tenantId=${fabrikam.id}`), others);
  });

  it('filters by the prefix of a name, in lower case or as written', async () => {
    const isServer = ({ computerDnsName }: Machine) => computerDnsName.startsWith('srv-');
    assert.deepEqual(await list('name=srv-'), idsWhere(isServer));
    assert.deepEqual(await list('name=SRV-'), idsWhere(isServer));
    assert.deepEqual(await list(`name=${encodeURIComponent("o'neil")}`), []);
  });

  it('filters by health status, risk, exposure and last seen', async () => {
    assert.deepEqual(
      await list('healthStatus=ACTIVE&riskScore=none,informational,Low&exposureLevel=low,medium'),
      idsWhere(
        ({ healthStatus, riskScore, exposureLevel }) =>
          healthStatus === 'Active' &&
          ['None', 'Informational', 'Low'].includes(riskScore) &&
          ['Low', 'Medium'].includes(exposureLevel),
      ),
    );
    const { lastSeen } = machineAt(5);
    const isSince = (machine: Machine) => Date.parse(machine.lastSeen) >= Date.parse(lastSeen);
    assert.deepEqual(await list(`lastSeenSince=${lastSeen}`), idsWhere(isSince));
  });

  it('pages through the whole list', async () => {
    const pages: string[][] = [];
    for (let next: string | undefined = '/machines?top=10'; next !== undefined; ) {
      const page = machinePageOf(await call(`GET ${next}`));
      pages.push(page.value.map(({ id }) => id));
      next = page.nextLink;
    }
    assert.deepEqual(
      pages.flat(),
      idsWhere(() => true),
    );
    assert.deepEqual(
      pages.map(({ length }) => length),
      [10, 10, 10, 2],
    );
  });

  it('is empty when the service answers 404 for no recent machine', async () => {
    const none = defenderError(404, 'ResourceNotFound', 'There are no recent machines.');
    cloud.faults.add({ service: 'defenderForEndpoint', effect: replyWith(none) });
    const reply = await call('GET /machines');
    assertStatus(reply, 200);
    assert.deepEqual(reply.json, { value: [] });
  });

  it('returns enumerations in canonical spelling and passes unknown values through', async () => {
    Object.assign(machineAt(0), { healthStatus: 'active', riskScore: 'Extreme' });
    const [first] = machinePageOf(await call('GET /machines?top=1')).value;
    assert.partialDeepStrictEqual(first, { healthStatus: 'Active', riskScore: 'Extreme' });
  });

  it('rejects unknown values without an upstream call', async () => {
    for (const [query, name] of [
      ['healthStatus=Fine', 'healthStatus'],
      ['riskScore=Critical', 'riskScore'],
      ['exposureLevel=', 'exposureLevel'],
      ['lastSeenSince=yesterday', 'lastSeenSince'],
      ['osPlatform=Linux', 'osPlatform'],
    ]) {
      const { errors } = assertProblem(await call(`GET /machines?${query}`), 400, 'InvalidRequest');
      assert.partialDeepStrictEqual(errors, [{ in: 'query', name }]);
    }
    assert.equal(cloud.calls.all.length, 0);
  });
});

describe('getMachine', () => {
  it('returns the machine for an id in any case', async () => {
    const { id, computerDnsName } = machineAt(3);
    const reply = await call(`GET /machines/${id.toUpperCase()}`);
    assertStatus(reply, 200);
    assert.partialDeepStrictEqual(reply.json, { id, computerDnsName });
  });

  it('returns 404 for an unknown machine and 400 for a malformed id', async () => {
    const { upstream } = assertProblem(await call(`GET /machines/${'0'.repeat(40)}`), 404, 'NotFound');
    assert.partialDeepStrictEqual(upstream, { service: 'defender', status: 404, code: 'ResourceNotFound' });
    for (const id of ['1', 'g'.repeat(40), '0'.repeat(41), 'ws-1.contoso.local']) {
      const { errors } = assertProblem(await call(`GET /machines/${id}`), 400, 'InvalidRequest');
      assert.partialDeepStrictEqual(errors, [{ in: 'path', name: 'machineId' }]);
    }
  });

  it('returns 502 when the response is truncated', async () => {
    cloud.faults.add({ service: 'defenderForEndpoint', effect: cutBody });
    assertProblem(await call(`GET /machines/${machineAt(3).id}`), 502, 'UpstreamFailed');
  });
});

describe('Defender for Endpoint', () => {
  it('is called on the host of Defender, with a token of its own', async () => {
    await call('GET /machines?top=1');
    const [sent] = cloud.calls.of('defenderForEndpoint');
    assert.equal(new URL(sent?.url ?? '').host, 'api.security.microsoft.com');
    assert.equal(sent?.claims?.aud, 'https://api.securitycenter.microsoft.com');
  });

  it('is 429 with the window of its quota when it throttles', async () => {
    cloud.behavior.limits = true;
    cloud.behavior.callsPerMinute = 1;
    const get = () => call(`GET /machines/${machineAt(1).id}?tenantId=${fabrikam.id}`);
    assertProblem(await get(), 404, 'NotFound');
    const reply = await get();
    const { upstream } = assertProblem(reply, 429, 'Throttled');
    assert.partialDeepStrictEqual(upstream, { service: 'defender', status: 429, code: '429' });
    assert.equal(reply.headers.get('retry-after'), '60');
  });
});

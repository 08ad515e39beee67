import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { startApp } from './harness.ts';
import { assertProblem, assertStatus, idsOf, pageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { home, tenants } = cloud.world;
const [, fabrikam, northwind] = tenants;
assert.ok(fabrikam && northwind);
const large = cloud.administrator.addTenant({
  id: 'f2b4d6c8-0e1f-4a3b-9c5d-7e8f9a0b1c2d',
  domain: 'litware.onmicrosoft.com',
  displayName: 'Litware',
  incidentCount: 10_000,
});
const { call, host, stop } = await startApp({
  cloud,
  settings: { DEFENDER_TENANTS: [fabrikam, northwind, large].map(({ id }) => id).join() },
});
after(stop);
const key = host.keys.function;
const allIds = cloud
  .securityOf(home.id)
  .incidents.all()
  .map(({ incidentId }) => incidentId);

async function readOn(link: string | undefined): Promise<number[]> {
  const ids: number[] = [];
  for (let next = link; next !== undefined; ) {
    const page = pageOf(await call(`GET ${next}`));
    ids.push(...idsOf(page));
    next = page.nextLink;
  }
  return ids;
}

const linkOf = async (query: string): Promise<string> => {
  const { nextLink } = pageOf(await call(`GET /incidents?${query}`));
  assert.ok(nextLink);
  return nextLink;
};

for (const [style, nextLinks, incidentPageSize] of [
  ['by position', false, 100],
  ['by links', true, 100],
  ['by links to pages smaller than asked for', true, 7],
] as const) {
  describe(`nextLink, where the service pages ${style}`, () => {
    beforeEach(() => {
      cloud.faults.clear();
      cloud.calls.clear();
      Object.assign(cloud.behavior, { nextLinks, incidentPageSize });
    });

    it('leads through the whole list, each incident once and in order', async () => {
      for (const top of [30, 100, 130]) {
        const first = pageOf(await call(`GET /incidents?top=${top}`));
        assert.equal(first.value.length, top);
        assert.deepEqual([...idsOf(first), ...(await readOn(first.nextLink))], allIds);
      }
    });

    it('keeps the filters and the tenant', async () => {
      const query = `status=Active,InProgress,Resolved&severity=High,Medium,Low&tenantId=${fabrikam.id}`;
      const whole = pageOf(await call(`GET /incidents?top=1000&${query}`));
      const first = pageOf(await call(`GET /incidents?top=20&${query}`));
      assert.deepEqual([...idsOf(first), ...(await readOn(first.nextLink))], idsOf(whole));
    });

    it('works after a restart', async () => {
      const link = await linkOf('top=150');
      await host.restart();
      assert.deepEqual(await readOn(link), allIds.slice(150));
    });
  });
}

describe('nextLink', () => {
  beforeEach(() => {
    cloud.faults.clear();
    cloud.calls.clear();
    Object.assign(cloud.behavior, { nextLinks: false, incidentPageSize: 100 });
  });

  it('is an absolute URL on the host of the request', async () => {
    assert.ok((await linkOf('top=2')).startsWith(`${host.url}/api/incidents?`));
    const behindFrontEnd = await call('GET /incidents?top=2', { headers: { 'x-forwarded-proto': 'https' } });
    assert.ok(pageOf(behindFrontEnd).nextLink?.startsWith(`${host.url.replace('http:', 'https:')}/api/incidents?`));
  });

  it('contains no key and requires one', async () => {
    const reply = await call(`GET /incidents?top=100&code=${encodeURIComponent(key)}&clientId=default`, {
      withKey: false,
    });
    const { nextLink = '' } = pageOf(reply);
    assert.ok(!decodeURIComponent(nextLink).includes(key));
    assert.ok(!/[?&](code|clientId)=/.test(nextLink));
    assertStatus(await call(`GET ${nextLink}`, { withKey: false }), 401);
    assert.deepEqual(await readOn(`${nextLink}&code=${encodeURIComponent(key)}`), allIds.slice(100));
  });

  it('is 400 when modified, without an upstream call', async () => {
    const link = new URL(await linkOf('top=2&status=Active,InProgress,Resolved'));
    const token = link.searchParams.get('skipToken') ?? '';
    const changed = (name: string, value: string) => {
      const copy = new URL(link);
      copy.searchParams.set(name, value);
      return copy.href;
    };
    cloud.calls.clear();
    const other = token.startsWith('e') ? 'f' : 'e';
    const state = Buffer.from(JSON.stringify({ skip: 200 })).toString('base64url');
    for (const href of [
      changed('skipToken', other + token.slice(1)),
      changed('skipToken', token.slice(0, -1)),
      changed('skipToken', `${state}.${token.split('.')[1]}`),
      changed('skipToken', 'x'),
      changed('top', '3'),
      changed('status', 'Active'),
      changed('severity', 'High'),
      changed('tenantId', northwind.id),
    ]) {
      const { errors } = assertProblem(await call(`GET ${href}`), 400, 'InvalidRequest');
      assert.partialDeepStrictEqual(errors, [{ in: 'query', name: 'skipToken' }]);
    }
    assert.equal(cloud.calls.count('defenderXdr'), 0);
  });

  it('is followed on the host and path of the service only; others are 502 and get no token', async () => {
    for (const elsewhere of [
      'https://attacker.example/api/incidents?$skip=100',
      'https://graph.microsoft.com/api/incidents?$skip=100',
      'http://api.security.microsoft.com/api/incidents?$skip=100',
      'https://api.security.microsoft.com.attacker.example/api/incidents',
      'https://api.security.microsoft.com@attacker.example/api/incidents',
      'https://api.security.microsoft.com/api/machines?$skip=100',
      '//attacker.example/api/incidents',
      42,
    ]) {
      const remove = cloud.faults.add({
        service: 'defenderXdr',
        effect: async (_request, answer) => {
          const reply = await answer();
          if ('broken' in reply) return reply;
          const page = { ...JSON.parse(Buffer.from(reply.body).toString()), '@odata.nextLink': elsewhere };
          return { ...reply, body: JSON.stringify(page) };
        },
      });
      assertProblem(await call('GET /incidents?top=150'), 502, 'UpstreamFailed');
      remove();
    }
    assert.equal(cloud.calls.count('unknown'), 0);
    assert.equal(cloud.calls.count('graph'), 0);
    assert.deepEqual(new Set(cloud.calls.of('defenderXdr').map(({ path }) => path)), new Set(['/api/incidents']));
  });
});

describe('a list of ten thousand incidents', () => {
  it('takes ten pages, each incident once', async () => {
    const first = pageOf(await call(`GET /incidents?top=1000&tenantId=${large.id}`));
    assert.equal(first.value.length, 1_000);
    const ids = [...idsOf(first), ...(await readOn(first.nextLink))];
    assert.deepEqual([ids.length, new Set(ids).size], [10_000, 10_000]);
  });
});

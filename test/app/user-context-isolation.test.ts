import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { useApp } from './harness.ts';
import { huntOf, idsOf, pageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls, faults, world } = cloud;
const { home } = world;
const fabrikam = world.tenants[1];
assert.ok(fabrikam);
const { call } = await useApp({ cloud, settings: { DEFENDER_TENANTS: fabrikam.id } });

const newcomer = (tenant = home) => administrator.addUser(`${crypto.randomUUID()}@${tenant.domain}`, tenant);
const idsIn = (tenantId: string) =>
  cloud
    .securityOf(tenantId)
    .incidents.all()
    .map(({ incidentId }) => incidentId);
const tokenCalls = () => calls.of('entra').filter(({ path }) => path.endsWith('/token'));
const rejected = json(401, { error: { code: 'Unauthorized', message: 'The token is not valid.', target: 'x' } });

describe('fifty users and the application', () => {
  it('never get the token of another, also with rejected tokens and a rotation in between', async () => {
    const users = Array.from({ length: 50 }, (_, index) => newcomer(index % 2 === 0 ? home : fabrikam));
    const ids = new Map(users.map((user, index) => [user, idsIn(user.tenantId)[Math.floor(index / 2)] ?? 0]));
    for (const [user, id] of ids) administrator.limitIncidents(user, ({ incidentId }) => incidentId === id);
    const tokens = await Promise.all(users.map((user) => cloud.signIn(user)));
    const struck = new Set<string>();
    faults.add({
      effect: ({ headers }, answer) => {
        const id = headers['x-ms-client-request-id'] ?? headers['client-request-id'] ?? '';
        if (!id.endsWith('rejected') || struck.has(id)) return answer();
        struck.add(id);
        if (struck.size === 25) administrator.rotateSecret();
        return rejected;
      },
    });

    const callAs = async (round: number, index: number) => {
      const user = users[index];
      const name = user?.objectId ?? 'application';
      const isRejected = (round + index) % 3 === 0;
      const headers = {
        'x-ms-client-request-id': `${name} ${round} ${isRejected ? 'rejected' : ''}`,
        ...(user && { authorization: `Bearer ${tokens[index]}` }),
      };
      if ((round + index) % 4 === 0)
        huntOf(await call('POST /hunting', { headers, json: { query: 'AlertInfo | count' } }));
      else if (user) assert.deepEqual(idsOf(pageOf(await call('GET /incidents', { headers }))), [ids.get(user)]);
      else assert.equal(idsOf(pageOf(await call('GET /incidents?top=20', { headers }))).length, 20);
    };
    const callers = [...users.keys(), users.length];
    await Promise.all([0, 1, 2, 3].flatMap((round) => callers.map((index) => callAs(round, index))));

    assert.ok(struck.size > 60, `${struck.size}`);
    const asked = [...calls.of('defenderXdr'), ...calls.of('graph')];
    assert.equal(asked.length, 4 * callers.length + struck.size);
    for (const { headers, claims } of asked) {
      const [name] = (headers['x-ms-client-request-id'] ?? headers['client-request-id'] ?? '').split(' ');
      const caller = claims?.idtyp === 'app' ? 'application' : claims?.oid;
      assert.equal(caller, name);
    }
    for (const { tenantId, claims } of tokenCalls()) assert.equal(claims?.tid ?? home.id, tenantId);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SignInOptions } from '../sandbox/sign-in.ts';
import type { User } from '../sandbox/user.ts';
import type { CallOptions } from './call.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus, huntOf, idsOf, pageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls, world } = cloud;
const { home, application } = world;
const [, fabrikam, northwind, , tailspin] = world.tenants;
assert.ok(fabrikam && northwind && tailspin);
const { call } = await useApp({
  cloud,
  settings: { WEBSITE_AUTH_ENABLED: 'True', DEFENDER_TENANTS: `${fabrikam.id},${northwind.domain}` },
});

const bearer = (token: string): CallOptions => ({ headers: { authorization: `Bearer ${token}` } });
const as = async (user: User, options?: SignInOptions) => bearer(await cloud.signIn(user, options));
/** A user without a cached token. */
const newcomer = (tenant = home) => administrator.addUser(`${crypto.randomUUID()}@${tenant.domain}`, tenant);
const incidentsOf = (tenantId: string) => cloud.securityOf(tenantId).incidents.all();
const idsIn = (tenantId: string) => incidentsOf(tenantId).map(({ incidentId }) => incidentId);
const tokenCalls = () => calls.of('entra').filter(({ path }) => path.endsWith('/token'));
const countAlerts = { json: { query: 'AlertInfo | count' } };

describe('a call in user context', () => {
  it('calls each API as that user', async () => {
    const user = newcomer();
    const options = await as(user);
    pageOf(await call('GET /incidents', options));
    huntOf(await call('POST /hunting', { ...options, ...countAlerts }));
    const asked = [...calls.of('defenderXdr'), ...calls.of('graph')];
    assert.equal(asked.length, 2);
    for (const { claims } of asked) {
      const { oid, tid, upn, appid, roles } = claims ?? {};
      assert.deepEqual(
        { oid, tid, upn, appid, roles },
        {
          oid: user.objectId,
          tid: home.id,
          upn: user.userPrincipalName,
          appid: application.clientId,
          roles: undefined,
        },
      );
    }
  });

  it('returns what the user may see, on every page', async () => {
    const user = newcomer();
    administrator.limitIncidents(user, ({ incidentId }) => incidentId % 3 === 0);
    const [visible, hidden] = [idsIn(home.id).filter((id) => id % 3 === 0), idsIn(home.id).find((id) => id % 3 !== 0)];
    const options = await as(user);
    const seen: number[] = [];
    for (let next: string | undefined = '/incidents?top=30'; next !== undefined; ) {
      const page = pageOf(await call(`GET ${next}`, options));
      seen.push(...idsOf(page));
      next = page.nextLink;
    }
    assert.deepEqual(seen, visible);
    assertStatus(await call(`GET /incidents/${visible[0]}`, options), 200);
    assertProblem(await call(`GET /incidents/${hidden}`, options), 404, 'NotFound');
    assertProblem(await call(`PATCH /incidents/${hidden}`, { ...options, json: { tags: ['x'] } }), 404, 'NotFound');
    assertStatus(await call(`GET /incidents/${hidden}`), 200);
  });

  it('comments in the name of the user', async () => {
    const user = newcomer();
    const id = idsIn(home.id)[0] ?? 0;
    const comment = `Seen by ${user.displayName}`;
    assertStatus(await call(`PATCH /incidents/${id}`, { ...(await as(user)), json: { comment } }), 200);
    const { comments } = incidentsOf(home.id).find(({ incidentId }) => incidentId === id) ?? {};
    assert.partialDeepStrictEqual(comments?.at(-1), { comment, createdBy: user.userPrincipalName });
  });

  it('accepts a version 1 token, whose audience is the identifier URI', async () => {
    const user = newcomer();
    pageOf(await call('GET /incidents?top=1', await as(user, { audience: `api://${application.clientId}` })));
    assert.equal(calls.of('defenderXdr')[0]?.claims?.oid, user.objectId);
  });

  it('accepts the token in the header of App Service Authentication', async () => {
    const user = newcomer();
    const headers = { 'x-ms-token-aad-access-token': await cloud.signIn(user) };
    pageOf(await call('GET /incidents?top=1', { headers }));
    assert.equal(calls.of('defenderXdr')[0]?.claims?.oid, user.objectId);
  });

  it('requires the function key', async () => {
    assertStatus(await call('GET /incidents', { ...(await as(newcomer())), withKey: false }), 401);
    assert.equal(calls.all.length, 0);
  });
});

describe('an app-only token', () => {
  it('leaves the call in application context, in the named tenant', async () => {
    const expected = { oid: home.servicePrincipals.get(application.clientId)?.objectId, idtyp: 'app', scp: undefined };
    for (const options of [{}, { roles: ['Anything'] }]) {
      calls.clear();
      pageOf(await call('GET /incidents?top=1', bearer(await cloud.signInApp(options))));
      const { oid, idtyp, scp } = calls.of('defenderXdr')[0]?.claims ?? {};
      assert.deepEqual({ oid, idtyp, scp }, expected);
      assert.ok(tokenCalls().every(({ body }) => body?.grant_type === 'client_credentials'));
    }
    const reply = await call(`GET /incidents?top=1000&tenantId=${fabrikam.id}`, bearer(await cloud.signInApp()));
    assert.deepEqual(idsOf(pageOf(reply)), idsIn(fabrikam.id));
  });

  it('is rejected when it was issued in another tenant', async () => {
    for (const { id } of [fabrikam, tailspin]) {
      const reply = await call('GET /incidents?top=1', bearer(await cloud.signInApp({ tenantId: id })));
      assertProblem(reply, 401, 'InvalidUserToken');
    }
  });
});

describe('the tenant of a user', () => {
  it('is the tenant of the token, named or not', async () => {
    for (const { id, domain, users } of [home, fabrikam, northwind]) {
      const options = await as(users[0]);
      for (const query of ['', `&tenantId=${id}`, `&tenantId=${id.toUpperCase()}`, `&tenantId=${domain}`]) {
        const reply = await call(`GET /incidents?top=1000${query}`, options);
        assert.deepEqual(idsOf(pageOf(reply)), idsIn(id), `${domain} ${query}`);
      }
    }
  });

  it('cannot be another tenant that is served', async () => {
    const pairs = [
      [home, fabrikam],
      [fabrikam, home],
      [fabrikam, northwind],
    ] as const;
    for (const [own, other] of pairs) {
      const options = await as(own.users[1]);
      for (const name of [other.id, other.domain]) {
        assertProblem(await call(`GET /incidents?tenantId=${name}`, options), 403, 'TenantNotAllowed');
      }
    }
    assert.equal(tokenCalls().length, 0);
    assert.equal(calls.count('defenderXdr'), 0);
  });

  it('must be served', async () => {
    const options = await as(tailspin.users[0]);
    for (const query of ['', `?tenantId=${tailspin.id}`, `?tenantId=${home.id}`, `?tenantId=${fabrikam.domain}`]) {
      assertProblem(await call(`GET /incidents${query}`, options), 403, 'TenantNotAllowed');
    }
    assert.equal(tokenCalls().length, 0);
  });

  it('applies to the pages of a list', async () => {
    const { nextLink } = pageOf(await call('GET /incidents?top=10', await as(fabrikam.users[0])));
    assertProblem(await call(`GET ${nextLink}`, await as(home.users[0])), 400, 'InvalidRequest');
  });
});

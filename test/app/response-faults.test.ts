import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { switchOnFault } from '../sandbox/named-faults.ts';
import { startApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem, assertStatus, huntOf, pageOf } from './replies.ts';

const time = createMovableTime();

/** An app in a cloud with a named fault. */
async function startWith(t: TestContext, fault: string) {
  const app = await startApp({ time });
  t.after(app.stop);
  await switchOnFault(app.cloud, fault);
  const { incidents } = app.cloud.securityOf(app.cloud.world.home.id);
  const incidentId = incidents.all()[0]?.incidentId ?? 0;
  const as = async () => ({
    headers: { authorization: `Bearer ${await app.cloud.signIn(app.cloud.world.home.users[0])}` },
  });
  return { ...app, incidents, incidentId, as };
}

describe('a response of a service', () => {
  it('with a meaningless Retry-After is retried with the normal back-off', async (t) => {
    const { call } = await startWith(t, 'junk-retry-after');
    assert.equal(pageOf(await call('GET /incidents?top=3')).value.length, 3);
  });

  it('with a link to itself ends the list with 502 once the link repeats', async (t) => {
    const { call, cloud } = await startWith(t, 'endless-links');
    const reply = await call('GET /incidents?top=250');
    assertProblem(reply, 502, 'UpstreamFailed');
    assert.ok(cloud.calls.count('defenderXdr') < 10);
  });

  it('without the updated entity makes the app read it', async (t) => {
    const { call, incidentId, incidents } = await startWith(t, 'empty-writes');
    const reply = await call(`PATCH /incidents/${incidentId}`, { json: { status: 'Resolved' } });
    assertStatus(reply, 200);
    assert.equal(Object(reply.json).incidentId, incidentId);
    assert.equal(incidents.get(incidentId)?.status, 'Resolved');
  });

  it('is 502 if it is an empty entity', async (t) => {
    const { call, incidentId } = await startWith(t, 'empty-entities');
    assertProblem(await call(`GET /incidents/${incidentId}`), 502, 'UpstreamFailed');
  });

  it('with OData annotations in hunting rows has plain rows for the caller', async (t) => {
    const { call } = await startWith(t, 'odata-types');
    const { results } = huntOf(await call('POST /hunting', { json: { query: 'AlertInfo | take 3' } }));
    assert.equal(results.length, 3);
    for (const row of results) assert.ok(!JSON.stringify(row).includes('@odata.type'), JSON.stringify(row));
  });

  it('with timestamps without a zone is passed on', async (t) => {
    const { call } = await startWith(t, 'no-time-zone');
    assert.equal(pageOf(await call('GET /incidents?top=3')).value.length, 3);
  });

  it('with a secret that ends in a line break is accepted', async (t) => {
    const { call } = await startWith(t, 'secret-line-break');
    assertStatus(await call('GET /incidents?top=1'), 200);
  });

  it('with a lasting claims challenge is 401 with the challenge for a user', async (t) => {
    const { call, as } = await startWith(t, 'claims-challenge');
    const reply = await call('GET /incidents', await as());
    assertProblem(reply, 401, 'InteractionRequired');
    assert.match(reply.headers.get('www-authenticate') ?? '', /insufficient_claims.*claims="/);
  });
});

describe('signing keys of Entra', () => {
  it('are fetched again after a rollover', async (t) => {
    const app = await startApp({ time });
    t.after(app.stop);
    const callAsUser = async () => {
      const authorization = `Bearer ${await app.cloud.signIn(app.cloud.world.home.users[0])}`;
      return await app.call('GET /incidents?top=1', { headers: { authorization } });
    };
    assertStatus(await callAsUser(), 200);
    await switchOnFault(app.cloud, 'key-rollover');
    time.advance(60_000);
    assertStatus(await callAsUser(), 200);
  });

  it('are required: a token is 503 while they were never fetched', async (t) => {
    const { call, as } = await startWith(t, 'key-outage');
    assertProblem(await call('GET /incidents', await as()), 503, 'CredentialUnavailable');
    assertStatus(await call('GET /incidents?top=1'), 200);
  });
});

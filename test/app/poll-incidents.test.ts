import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem } from './replies.ts';

const time = createMovableTime();
const app = await useApp({ time });
const { call, cloud } = app;
const store = cloud.securityOf(cloud.world.home.id).incidents;
let nextId = 7_000_000;

function addIncident(severity = 'High'): number {
  const [template] = store.all();
  assert.ok(template);
  const now = new Date(time.now()).toISOString();
  const incidentId = ++nextId;
  store.add({ ...template, incidentId, severity, status: 'Active', createdTime: now, lastUpdateTime: now });
  return incidentId;
}

const replySchema = z.object({ value: z.array(z.looseObject({ incidentId: z.number() })) });

/** Asks as a Logic App does: at the Location of the answer before. */
async function poll(target: string) {
  const reply = await call(`GET ${target}`);
  const location = reply.headers.get('location') ?? '';
  const ids = replySchema.parse(reply.json).value.map(({ incidentId }) => incidentId);
  return { status: reply.status, location, ids, retryAfter: Number(reply.headers.get('retry-after')) };
}

describe('pollIncidents', () => {
  it('begins now, tells of what is new, and of nothing twice', async () => {
    let at = await poll('/triggers/incidents?minimumSeverity=medium');
    assert.equal(at.status, 202);
    assert.deepEqual(at.ids, []);
    assert.ok(at.location.startsWith(`${app.host.url}/api/triggers/incidents?`));
    assert.equal(at.location.includes('code='), false);
    time.advance(60_000);
    const wanted = addIncident();
    addIncident('Low');
    at = await poll(at.location);
    assert.deepEqual([at.status, at.ids], [200, [wanted]]);
    assert.equal(at.retryAfter, 60);
    for (let minutes = 0; minutes < 12; minutes++) {
      time.advance(60_000);
      at = await poll(at.location);
      assert.deepEqual([at.status, at.ids], [202, []]);
    }
  });

  it('remembers nothing but what is in the address', async () => {
    let at = await poll('/triggers/incidents?events=incident.created,incident.updated');
    time.advance(1_000);
    const incidentId = addIncident();
    await app.host.restart();
    at = await poll(at.location);
    assert.deepEqual(at.ids, [incidentId]);
    time.advance(1_000);
    store.update(incidentId, { status: 'Resolved' });
    at = await poll(at.location);
    assert.deepEqual(at.ids, [incidentId]);
  });

  it('gives out a thousand at once, and says that there is more', async () => {
    let at = await poll('/triggers/incidents');
    time.advance(1_000);
    const added = new Set<number>();
    for (let count = 0; count < 1_200; count++) added.add(addIncident());
    time.advance(1_000);
    const given: number[] = [];
    do {
      at = await poll(at.location);
      assert.ok(at.ids.length <= 1_000);
      given.push(...at.ids);
      if (given.length < 1_200) assert.equal(at.retryAfter, 1);
    } while (at.retryAfter === 1);
    assert.deepEqual(new Set(given), added);
  });

  it('refuses a state that it did not give, or gave for something else', async () => {
    const { location } = await poll('/triggers/incidents');
    const state = new URL(location).searchParams.get('state') ?? '';
    assert.ok(state.length < 2_048);
    for (const query of [
      'state=x',
      `state=${state.slice(0, -1)}`,
      `state=${state}&minimumSeverity=high`,
      `events=incident.updated&state=${state}`,
    ]) {
      const { errors } = assertProblem(await call(`GET /triggers/incidents?${query}`), 400, 'InvalidRequest');
      assert.deepEqual(
        errors?.map(({ name }) => name),
        ['state'],
      );
    }
  });
});

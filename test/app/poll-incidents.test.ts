import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem } from './replies.ts';
import { subscriber } from './subscriber.ts';

const time = createMovableTime();
const app = await useApp({ time, hasStorage: true });
const { call, cloud } = app;
const { addIncident, updateIncident, sync } = subscriber(app);
const minuteMs = 60_000;

const replySchema = z.object({ value: z.array(z.looseObject({ incidentId: z.number() })) });

/** Polls as a Logic App does: at the Location of the previous response. */
async function poll(target: string) {
  const reply = await call(`GET ${target}`);
  const location = reply.headers.get('location') ?? '';
  const ids = replySchema.parse(reply.json).value.map(({ incidentId }) => incidentId);
  return { status: reply.status, location, ids, retryAfter: Number(reply.headers.get('retry-after')) };
}

async function minute(): Promise<void> {
  time.advance(minuteMs);
  await sync();
}

describe('pollIncidents', () => {
  it('starts now, returns what is new, and nothing twice', async () => {
    let at = await poll('/triggers/incidents?minimumSeverity=medium');
    assert.equal(at.status, 202);
    assert.deepEqual(at.ids, []);
    assert.ok(at.location.startsWith(`${app.host.url}/api/triggers/incidents?`));
    assert.equal(at.location.includes('code='), false);
    time.advance(minuteMs);
    const wanted = addIncident({ severity: 'High' });
    addIncident({ severity: 'Low' });
    await sync();
    at = await poll(at.location);
    assert.deepEqual([at.status, at.ids], [200, [wanted]]);
    assert.equal(at.retryAfter, 60);
    for (let minutes = 0; minutes < 12; minutes++) {
      await minute();
      at = await poll(at.location);
      assert.deepEqual([at.status, at.ids], [202, []]);
    }
  });

  it('makes no call of Defender', async () => {
    const { location } = await poll('/triggers/incidents');
    addIncident();
    await minute();
    const before = cloud.calls.count('defenderXdr');
    await poll(location);
    assert.equal(cloud.calls.count('defenderXdr'), before);
  });

  it('keeps its progress in the address only', async () => {
    let at = await poll('/triggers/incidents?events=incident.created,incident.updated');
    time.advance(1_000);
    const incidentId = addIncident();
    await minute();
    await app.host.restart();
    at = await poll(at.location);
    assert.deepEqual(at.ids, [incidentId]);
    updateIncident(incidentId, { status: 'Resolved' });
    await minute();
    at = await poll(at.location);
    assert.deepEqual(at.ids, [incidentId]);
  });

  it('returns an incident that is raised to the minimum severity as created', async () => {
    let at = await poll('/triggers/incidents?minimumSeverity=high');
    const incidentId = addIncident({ severity: 'Medium' });
    await minute();
    at = await poll(at.location);
    assert.deepEqual(at.ids, []);
    for (const expected of [[incidentId], []]) {
      time.advance(1_000);
      updateIncident(incidentId, { severity: 'High' });
      await minute();
      at = await poll(at.location);
      assert.deepEqual(at.ids, expected);
    }
  });

  it('returns a thousand at once, and says that there are more', async () => {
    let at = await poll('/triggers/incidents');
    time.advance(1_000);
    const added = new Set<number>();
    for (let count = 0; count < 1_200; count++) added.add(addIncident());
    await minute();
    await minute();
    const given: number[] = [];
    do {
      at = await poll(at.location);
      assert.ok(at.ids.length <= 1_000);
      given.push(...at.ids);
      if (given.length < 1_200) assert.equal(at.retryAfter, 1);
    } while (at.retryAfter === 1);
    assert.deepEqual(new Set(given), added);
  });

  it('rejects a state that it did not issue, or issued for other parameters', async () => {
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

  it('needs storage, and says so', async (t) => {
    const poor = await app.startBeside({ AzureWebJobsStorage: '' });
    t.after(() => poor.stop());
    const { errors } = assertProblem(await poor.call('GET /triggers/incidents'), 500, 'InvalidConfiguration');
    assert.deepEqual(
      errors?.map(({ name }) => name),
      ['AzureWebJobsStorage'],
    );
  });
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { assertProblem, assertStatus, huntOf, pageOf } from '../app/replies.ts';
import { callbackUrl, subscriber } from '../app/subscriber.ts';
import { createMovableTime } from '../host/movable-time.ts';
import { breakConnection, neverAnswer } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';

const time = createMovableTime();
const app = await useApp({ time, hasStorage: true });
const { call, cloud, host } = app;
const { addIncident, subscribe, take } = subscriber(app);
const { incidents } = cloud.securityOf(cloud.world.home.id);

/** Lets minutes pass, and the feed and the deliveries run in each. */
async function passMinutes(minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed++) {
    time.advance(60_000);
    await host.runFunction('syncIncidents');
    await host.drainQueues();
  }
}

describe('the built app', () => {
  it('has every function that the host indexes, and no other file than its own', async () => {
    assert.deepEqual(
      host.functions.filter(({ error }) => error !== undefined),
      [],
    );
    assert.ok(host.functions.some(({ type }) => type === 'queue'));
    assert.doesNotMatch(await readFile(new URL('../../dist/app.js', import.meta.url), 'utf8'), /node_modules/);
  });

  it('reads incidents over TLS with a token from the identity, the vault and Entra', async () => {
    assert.deepEqual(pageOf(await call('GET /incidents')).value, incidents.all().slice(0, 100));
    assert.equal(cloud.calls.count('managedIdentity'), 1);
    assert.equal(cloud.calls.of('entra').filter(({ path }) => path.endsWith('/token')).length, 1);
  });

  it('updates an incident', async () => {
    const incidentId = incidents.all()[0]?.incidentId ?? 0;
    assertStatus(await call(`PATCH /incidents/${incidentId}`, { json: { status: 'InProgress' } }), 200);
    assert.equal(incidents.get(incidentId)?.status, 'InProgress');
  });

  it('streams a hunting result', async () => {
    const { results } = huntOf(await call('POST /hunting', { json: { query: 'AlertInfo | take 5' } }));
    assert.equal(results.length, 5);
  });

  it('opens a new connection when a kept one breaks', async () => {
    cloud.faults.add({ service: 'defenderXdr', times: 1, effect: breakConnection });
    pageOf(await call('GET /incidents?top=1'));
  });

  it('rejects a chunked request body, which the host drops', async () => {
    const body = new Blob([JSON.stringify({ query: 'AlertInfo' })]).stream();
    const reply = await call('POST /hunting', { headers: { 'content-type': 'application/json' }, body });
    assertProblem(reply, 400, 'InvalidRequest');
  });

  it('delivers an incident, also when its process is killed during the delivery', async () => {
    await subscribe();
    await passMinutes(1);
    cloud.faults.add({ service: 'webhookReceiver', times: 1, effect: neverAnswer });
    const incidentId = addIncident();
    time.advance(60_000);
    await host.runFunction('syncIncidents');
    const draining = host.drainQueues();
    while (cloud.calls.count('webhookReceiver') === 0) await new Promise((resolve) => setImmediate(resolve));
    process.kill(host.appPid ?? assert.fail('The app has no process'), 'SIGKILL');
    await draining;
    await passMinutes(3);
    assert.deepEqual(
      take(callbackUrl).map(({ data }) => data.incidentId),
      [incidentId],
    );
  });
});

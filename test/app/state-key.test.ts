import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { subscriber } from './subscriber.ts';
import { createTestCloud } from './test-app.ts';

const minuteMs = 60_000;
const time = createMovableTime();
const cloud = createTestCloud({ now: time.now });
const newKey = () => cloud.administrator.putSecret('state-key', crypto.randomUUID() + crypto.randomUUID());
newKey();
// The tests run the feed themselves.
const settings = { 'AzureWebJobs.syncIncidents.Disabled': 'true' };
const plain = await useApp({ cloud, time, hasStorage: true, settings });
const protectedApp = await plain.startBeside({ ...settings, STATE_KEY_NAME: 'state-key' });
after(protectedApp.stop);

const addressOf = (name: string) => `https://prod-01.westeurope.logic.azure.com/workflows/${name}?sig=canary-${name}`;

/** A subscription at an app, and a function that delivers an incident to it and checks its signature. */
async function subscribe(app: typeof plain, name: string) {
  const events = subscriber(app);
  const callbackUrl = addressOf(name);
  const { reply, id, signingSecret } = await events.subscribe({ callbackUrl });
  assertStatus(reply, 201);
  /** @param on the app that runs the feed and delivers. */
  async function deliver(on: typeof plain): Promise<void> {
    const { addIncident, sync, take } = subscriber(on);
    time.advance(minuteMs);
    const incidentId = addIncident();
    await sync();
    const received = take(callbackUrl).filter(({ data }) => data.incidentId === incidentId);
    assert.equal(received.length, 1);
    for (const message of received) message.verify(signingSecret);
  }
  return { id, callbackUrl, deliver };
}

describe('subscriptions with STATE_KEY_NAME', () => {
  it('deliver with the secret that subscribe returned, before and after a rotation of the key', async () => {
    const { id, callbackUrl, deliver } = await subscribe(protectedApp, 'rotated');
    await deliver(protectedApp);
    newKey();
    time.advance(5 * minuteMs);
    await deliver(protectedApp);
    assert.partialDeepStrictEqual((await protectedApp.call(`GET /subscriptions/${id}`)).json, { callbackUrl });
    const { deliver: deliverNew } = await subscribe(protectedApp, 'after-rotation');
    await deliverNew(protectedApp);
  });

  it('keep their secret when the setting is added later', async () => {
    const { deliver } = await subscribe(plain, 'earlier');
    await deliver(plain);
    await deliver(protectedApp);
  });

  it('need the setting from then on', async () => {
    const { id } = await subscribe(protectedApp, 'without');
    const { errors } = assertProblem(await plain.call(`GET /subscriptions/${id}`), 500, 'InvalidConfiguration');
    assert.deepEqual(
      errors?.map(({ name }) => name),
      ['STATE_KEY_NAME'],
    );
  });

  it('report a key that cannot be read, and recover with it', async () => {
    const { id, callbackUrl } = await subscribe(protectedApp, 'disabled');
    cloud.administrator.disableSecret('state-key');
    time.advance(5 * minuteMs);
    const problem = assertProblem(await protectedApp.call(`GET /subscriptions/${id}`), 503, 'CredentialUnavailable');
    assert.match(problem.detail, /state-key in https:\/\/contoso-defender/);
    assert.partialDeepStrictEqual((await protectedApp.call('GET /health')).json, { status: 'degraded' });
    for (const version of cloud.world.vault.secrets.get('state-key') ?? []) version.enabled = true;
    time.advance(minuteMs);
    assert.partialDeepStrictEqual((await protectedApp.call(`GET /subscriptions/${id}`)).json, { callbackUrl });
  });
});

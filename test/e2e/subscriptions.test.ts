import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { createMovableTime } from '../host/movable-time.ts';
import type { Incident } from '../sandbox/incident.ts';
import { useApp } from './harness.ts';

const time = createMovableTime();
const app = await useApp({ hasStorage: true, time });
const { cloud, host } = app;

const callbackUrl = 'https://prod-01.westeurope.logic.azure.com/workflows/1?sig=very-secret';
const subscriptionSchema = z.looseObject({ id: z.string(), signingSecret: z.optional(z.string()) });

async function subscribe(body: object = {}, headers: Record<string, string> = {}) {
  const reply = await app.call('POST /subscriptions', { json: { callbackUrl, ...body }, headers });
  return { reply, ...subscriptionSchema.parse(reply.json) };
}

describe('subscribe', () => {
  it('answers where the subscription is, and its secret this once', async () => {
    const { reply, id, signingSecret } = await subscribe();
    assert.equal(reply.status, 201);
    assert.equal(reply.headers.get('location'), `${host.url}/api/subscriptions/${id}`);
    assert.match(signingSecret ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/);
    const { json } = await app.call(`GET ${reply.headers.get('location')}`);
    assert.deepEqual(json, {
      id,
      callbackUrl,
      events: ['incident.created', 'incident.updated'],
      tenantIds: [cloud.world.home.id],
      createdAt: Object(json).createdAt,
      delivered: 0,
      waiting: 0,
      deadLettered: 0,
    });
    assert.equal(host.logs.join().includes('very-secret'), false);
  });

  it('leaves the secret out when the call is repeated under its key', async () => {
    const first = await subscribe({}, { 'idempotency-key': 'k-1' });
    const again = await subscribe({}, { 'idempotency-key': 'k-1' });
    assert.equal(again.id, first.id);
    assert.equal(again.reply.status, 201);
    assert.equal(again.signingSecret, undefined);
    assert.ok(first.signingSecret);
  });
});

const store = cloud.securityOf(cloud.world.home.id).incidents;
let nextId = 5_000_000;

/** Something happens in the home tenant. */
function addIncident(changes: Partial<Incident> = {}): number {
  const [template] = store.all();
  assert.ok(template);
  const now = new Date(time.now()).toISOString();
  const incidentId = ++nextId;
  store.add({ ...template, createdTime: now, lastUpdateTime: now, severity: 'Medium', ...changes, incidentId });
  return incidentId;
}

/** A minute passes. */
async function sync(): Promise<void> {
  time.advance(60_000);
  await host.runFunction('syncIncidents');
  await host.drainQueues();
}

const eventSchema = z.object({
  type: z.string(),
  tenantId: z.string(),
  timestamp: z.string(),
  data: z.looseObject({ incidentId: z.number() }),
});
const take = () => cloud.received.splice(0);

describe('an incident event', () => {
  it('reaches the subscriber, signed, and no other time', async () => {
    await sync();
    const { id, signingSecret = '' } = await subscribe();
    take();
    const incidentId = addIncident();
    await sync();
    const [message, ...others] = take().filter(({ url }) => url === callbackUrl);
    assert.ok(message);
    const event = eventSchema.parse(JSON.parse(message.body));
    assert.equal(event.type, 'incident.created');
    assert.equal(event.tenantId, cloud.world.home.id);
    assert.equal(event.data.incidentId, incidentId);
    void others;
    void signingSecret;
    void id;
    await sync();
    assert.equal(take().length, 0);
    store.update(incidentId, { status: 'Resolved' });
    await sync();
    assert.deepEqual(
      [...new Set(take().map(({ body }) => eventSchema.parse(JSON.parse(body)).type))],
      ['incident.updated'],
    );
  });
});

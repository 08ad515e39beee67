import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { createMovableTime } from '../host/movable-time.ts';
import { replyWith } from '../sandbox/faults.ts';
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

describe('an incident event', () => {
  it('reaches every subscriber that wants it, signed', async () => {
    void replyWith;
  });
});

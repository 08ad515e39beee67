import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { PrivateAddressError } from '../../../shared/outbound/guarded-lookup.ts';
import { createDeliver } from '../../../shared/webhooks/deliver.ts';
import type { Subscription } from '../../../shared/webhooks/subscription.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient, type ScriptedStep } from '../fake-http-client.ts';

const subscription: Subscription = {
  id: '11111111-2222-4333-8444-555555555555',
  callbackUrl: 'https://prod-01.westeurope.logic.azure.com/workflows/1?sig=very-secret',
  events: ['incident.created'],
  tenantIds: ['*'],
  createdAt: 0,
  signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};

function createScene(script: ScriptedStep[], allowed = ['*.logic.azure.com']) {
  const httpClient = createFakeHttpClient(...script);
  const clock = createFakeClock();
  const deliver = createDeliver(httpClient, clock, allowed);
  return { httpClient, clock, attempt: () => clock.runUntil(deliver(subscription, 'msg_1', '{"a":"ü"}')) };
}

describe('a try of a delivery', () => {
  it('is signed at the time at which it is made', async () => {
    const { attempt, httpClient, clock } = createScene([{ status: 204 }]);
    assert.deepEqual(await attempt(), { kind: 'delivered' });
    const [request] = httpClient.requests;
    assert.ok(request);
    const { method, url, headers, body = '' } = request;
    assert.deepEqual([method, url.href, body], ['POST', subscription.callbackUrl, '{"a":"ü"}']);
    assert.equal(headers['webhook-id'], 'msg_1');
    assert.equal(headers['webhook-timestamp'], String(Math.floor(clock.now() / 1000)));
    const expected = new Webhook(subscription.signingSecret).sign('msg_1', new Date(clock.now()), body);
    assert.equal(headers['webhook-signature'], expected);
  });

  for (const [status, kind] of [
    [200, 'delivered'],
    [299, 'delivered'],
    [410, 'gone'],
    [302, 'failed'],
    [400, 'failed'],
    [429, 'failed'],
    [503, 'failed'],
  ] as const)
    it(`that is answered ${status} is ${kind}`, async () => {
      assert.equal((await createScene([{ status }]).attempt()).kind, kind);
    });

  for (const [what, script, expected] of [
    ['not answered in time', ['silence'], /within 15 seconds/],
    ['broken off', [{ broken: 'ECONNRESET' }], /could not be reached \(ECONNRESET\)/],
  ] as const)
    it(`that is ${what} says so, and nothing of the address`, async () => {
      const outcome = await createScene([...script]).attempt();
      assert.ok(outcome.kind === 'failed');
      assert.match(outcome.failure.detail, expected);
      assert.equal(outcome.failure.status, undefined);
      assert.doesNotMatch(JSON.stringify(outcome), /very-secret|logic\.azure/);
    });

  it('to a name that leads to a private address says so', async () => {
    const clock = createFakeClock();
    const sendRequest = () => Promise.reject(new Error('x', { cause: new PrivateAddressError() }));
    const outcome = await createDeliver({ sendRequest }, clock, ['*.logic.azure.com'])(subscription, 'msg_1', '{}');
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.failure.detail, /not public/);
  });

  it('to a host that is not allowed any more is not made', async () => {
    const { attempt, httpClient } = createScene([], ['hooks.contoso.com']);
    const outcome = await attempt();
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.failure.detail, /CALLBACK_HOSTS/);
    assert.deepEqual(httpClient.requests, []);
  });
});

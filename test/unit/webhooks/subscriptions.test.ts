import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { SubscriptionRequest } from '../../../shared/webhooks/subscription.ts';
import { createSubscriptions, type SubscriptionProtection } from '../../../shared/webhooks/subscriptions.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeTable } from '../storage/fake-table.ts';
import { unprotected } from './webhook-scene.ts';

const request: SubscriptionRequest = {
  callbackUrl: 'https://prod-01.westeurope.logic.azure.com/workflows/1?sig=very-secret',
  events: ['incident.created', 'incident.updated'],
  status: ['Active', 'InProgress'],
  tenantIds: ['*'],
};

function createScene(protection = unprotected) {
  const table = createFakeTable();
  const clock = createFakeClock();
  const open = () => createSubscriptions(table, clock, protection);
  return { table, clock, open, subscriptions: open() };
}

describe('adding a subscription', () => {
  it('returns the signing secret of a new one', async () => {
    const { subscriptions } = createScene();
    const { id, signingSecret } = await subscriptions.add(request, 'owner');
    assert.match(signingSecret ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.deepEqual(await subscriptions.readTarget(id), {
      callbackUrl: request.callbackUrl,
      signingSecret,
      createdBy: 'owner',
    });
  });

  it('finds the one with the same URL, filters, tenants and owner, without its secret', async () => {
    const { subscriptions } = createScene();
    const { id } = await subscriptions.add(request, 'owner');
    const same = { ...request, events: [...request.events].reverse(), status: ['InProgress', 'Active', 'Active'] };
    assert.deepEqual(await subscriptions.add(same, 'owner'), { id });
    assert.equal((await subscriptions.list()).length, 1);
  });

  for (const [what, changes, owner] of [
    ['URL', { callbackUrl: 'https://PROD-01.westeurope.logic.azure.com/workflows/1?sig=very-secret' }, 'owner'],
    ['event', { events: ['incident.created'] }, 'owner'],
    ['severity', { minimumSeverity: 'High' }, 'owner'],
    ['status', { status: undefined }, 'owner'],
    ['tenant', { tenantIds: ['11111111-2222-4333-8444-555555555555'] }, 'owner'],
    ['owner', {}, 'other'],
  ] satisfies [string, Partial<SubscriptionRequest>, string][])
    it(`adds another one for another ${what}`, async () => {
      const { subscriptions } = createScene();
      await subscriptions.add(request, 'owner');
      assert.ok((await subscriptions.add({ ...request, ...changes }, owner)).signingSecret);
    });

  it('adds one when three instances get the same request at once', async () => {
    const { open } = createScene();
    const added = await Promise.all([open(), open(), open()].map((instance) => instance.add(request, 'owner')));
    assert.equal(new Set(added.map(({ id }) => id)).size, 1);
    assert.equal(added.filter(({ signingSecret }) => signingSecret !== undefined).length, 1);
  });

  it('adds another one after the first was removed', async () => {
    const { subscriptions } = createScene();
    const { id } = await subscriptions.add(request, 'owner');
    await subscriptions.remove(id);
    const again = await subscriptions.add(request, 'owner');
    assert.ok(again.signingSecret !== undefined && again.id !== id);
  });

  it('fails with LimitReached at 1,000 subscriptions, also on five instances at once', async () => {
    const { subscriptions, open } = createScene();
    for (let index = 0; index < 1_000; index++) await subscriptions.add(request, `owner ${index}`);
    await assert.rejects(subscriptions.add(request, 'one more'), { status: 409, code: 'LimitReached' });
    assert.ok((await subscriptions.add(request, 'owner 7')).id);
    await subscriptions.remove((await subscriptions.list())[0]?.id ?? '');
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, (_, index) => open().add(request, `one more ${index}`)),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await subscriptions.list()).length, 1_000);
  });
});

describe('a list of subscriptions', () => {
  it('has the oldest first, page by page', async () => {
    const { subscriptions, clock } = createScene();
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) {
      await clock.advance(1);
      ids.push((await subscriptions.add(request, `owner ${index}`)).id);
    }
    assert.deepEqual(
      (await subscriptions.listPage(undefined, 3)).map(({ id }) => id),
      ids.slice(0, 3),
    );
    assert.deepEqual(
      (await subscriptions.listPage(ids[3], 3)).map(({ id }) => id),
      ids.slice(3),
    );
    assert.equal(JSON.stringify(await subscriptions.list()).includes('very-secret'), false);
  });

  it('shows at once what another instance has added or removed', async () => {
    const { open } = createScene();
    const [one, other] = [open(), open()];
    const { id } = await one.add(request, 'owner');
    assert.equal((await other.list()).length, 1);
    await other.remove(id);
    assert.deepEqual([await one.list(), await one.get(id)], [[], undefined]);
  });
});

describe('under a state key', () => {
  const protection: SubscriptionProtection = {
    derive: async (purpose, subject, keyVersion = 'v2') => ({
      secret: createHash('sha256').update([purpose, subject, keyVersion].join()).digest(),
      keyVersion,
    }),
    encrypt: async (purpose, subject, text) => [purpose, subject, Buffer.from(text).toString('hex')].join(),
    decrypt: async (purpose, subject, stored) => {
      assert.ok(stored.startsWith(`${purpose},${subject},`));
      return Buffer.from(stored.split(',')[2] ?? '', 'hex').toString();
    },
  };

  it('neither the URL nor the signing secret is stored as plain text', async () => {
    const { subscriptions, table } = createScene(protection);
    const { id, signingSecret = '' } = await subscriptions.add(request, 'owner');
    const stored = JSON.stringify(await table.list('subscription'));
    assert.doesNotMatch(stored, /very-secret|logic\.azure/);
    assert.equal(stored.includes(signingSecret.slice('whsec_'.length)), false);
    assert.deepEqual(await subscriptions.readTarget(id), {
      callbackUrl: request.callbackUrl,
      signingSecret,
      createdBy: 'owner',
    });
  });

  it('a subscription from before keeps its secret', async () => {
    const { table, clock, subscriptions } = createScene();
    const { id, signingSecret } = await subscriptions.add(request, 'owner');
    const later = createSubscriptions(table, clock, { ...protection, decrypt: unprotected.decrypt });
    assert.equal((await later.readTarget(id))?.signingSecret, signingSecret);
  });
});

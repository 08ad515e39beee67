import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { breakConnection, loseAnswer, replyWith } from '../sandbox/faults.ts';
import type { CallOptions } from './call.ts';
import { startApp, useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls, faults, world } = cloud;
const [, fabrikam] = world.tenants;
assert.ok(fabrikam);
const app = await useApp({ cloud, hasStorage: true, settings: { DEFENDER_TENANTS: fabrikam.id } });
const { incidents } = cloud.securityOf(world.home.id);
const incidentId = incidents.all()[0]?.incidentId ?? 0;

const newKey = () => crypto.randomUUID();
const target = `PATCH /incidents/${incidentId}` as const;
const withKey = (key: string, body: unknown, headers: CallOptions['headers'] = {}): CallOptions => ({
  json: body,
  headers: { 'idempotency-key': key, ...headers },
});
const newComment = () => ({ comment: `Seen by ${newKey()}.` });
const changesSent = () => [...calls.of('defenderXdr'), ...calls.of('graph')].filter(({ method }) => method !== 'GET');
const countOf = ({ comment }: { comment: string }) =>
  incidents.get(incidentId)?.comments.filter((each) => each.comment === comment).length;
const failWith = (status: number, code: string, times = 1) =>
  faults.add({
    service: 'defenderXdr',
    times,
    effect: replyWith(json(status, { error: { code, message: 'No.', target: 'x' } }, { 'retry-after': '60' })),
  });

describe('the outcome of a write', () => {
  it('is stored when Defender definitely refused it', async () => {
    const key = newKey();
    failWith(400, 'InvalidInput');
    for (let again = 0; again < 2; again++) {
      assertProblem(await app.call(target, withKey(key, { tags: ['x'] })), 400, 'RejectedByDefender');
    }
    const missing = newKey();
    for (let again = 0; again < 2; again++) {
      assertProblem(await app.call('PATCH /incidents/1', withKey(missing, { tags: ['x'] })), 404, 'NotFound');
    }
    assert.equal(changesSent().length, 2);
  });

  it('is not stored when the write was not made', async () => {
    for (const [status, answered] of [
      [403, 403],
      [429, 429],
    ] as const) {
      const [key, body] = [newKey(), newComment()];
      const lift = failWith(status, 'No', 10);
      assert.equal((await app.call(target, withKey(key, body))).status, answered);
      lift();
      assertStatus(await app.call(target, withKey(key, body)), 200);
      assert.equal(countOf(body), 1);
    }
  });

  it('leaves the key unused after a validation error', async () => {
    const key = newKey();
    assertProblem(await app.call(target, withKey(key, { status: 'nope' })), 400, 'InvalidRequest');
    assertStatus(await app.call(target, withKey(key, newComment())), 200);
  });
});

describe('a write whose response was lost', () => {
  it('is looked up before it is repeated', async () => {
    for (const body of [newComment(), { tags: [newKey()] }, { assignedTo: '', ...newComment() }]) {
      calls.clear();
      const key = newKey();
      faults.add({ service: 'defenderXdr', times: 1, effect: loseAnswer });
      assertProblem(await app.call(target, withKey(key, body)), 502, 'UpstreamFailed');
      const again = await app.call(target, withKey(key, body));
      assertStatus(again, 200);
      assert.equal(changesSent().length, 1);
      assert.equal((await app.call(target, withKey(key, body))).text, again.text);
    }
  });

  it('is made when it was not applied', async () => {
    const [key, body] = [newKey(), newComment()];
    faults.add({ service: 'defenderXdr', times: 1, effect: breakConnection });
    assertProblem(await app.call(target, withKey(key, body)), 502, 'UpstreamFailed');
    assertStatus(await app.call(target, withKey(key, body)), 200);
    assert.equal(countOf(body), 1);
  });

  it('stays uncertain while Defender is unreachable', async () => {
    const [key, body] = [newKey(), newComment()];
    faults.add({ service: 'defenderXdr', times: 1, effect: loseAnswer });
    assertProblem(await app.call(target, withKey(key, body)), 502, 'UpstreamFailed');
    const lift = failWith(403, 'No', 10);
    assert.equal((await app.call(target, withKey(key, body))).status, 403);
    lift();
    assertStatus(await app.call(target, withKey(key, body)), 200);
    assert.equal(countOf(body), 1);
  });

  it('resumes where it stopped, for an alert and its comment', async () => {
    const alertId = cloud.securityOf(world.home.id).incidents.all()[0]?.alerts[0]?.alertId;
    for (const lost of ['PATCH', 'POST']) {
      calls.clear();
      const [key, body] = [newKey(), { status: 'InProgress', assignedTo: `${newKey()}@contoso.com`, ...newComment() }];
      faults.add({ service: 'graph', times: 1, match: ({ method }) => method === lost, effect: loseAnswer });
      const request = `PATCH /alerts/${alertId}` as const;
      assertProblem(await app.call(request, withKey(key, body)), 502, 'UpstreamFailed');
      const again = await app.call(request, withKey(key, body));
      assertStatus(again, 200);
      assert.deepEqual(
        changesSent().map(({ method }) => method),
        ['PATCH', 'POST'],
      );
      assert.equal(again.text.split(body.comment).length - 1, 1);
    }
  });
});

it('onboards a tenant once', async () => {
  const customer = administrator.addTenant({
    id: newKey(),
    domain: 'customer.example',
    displayName: 'Customer',
    incidentCount: 1,
  });
  const key = newKey();
  const body = { tenantId: customer.id };
  const first = await app.call('POST /tenants', withKey(key, body));
  assertStatus(first, 201);
  const again = await app.call('POST /tenants', withKey(key, body));
  assert.deepEqual([again.status, again.text], [201, first.text]);
});

it('stored responses survive the hourly clean-up for a day', async () => {
  const [key, body] = [newKey(), newComment()];
  assertStatus(await app.call(target, withKey(key, body)), 200);
  const from = app.host.logs.length;
  await app.host.runFunction('cleanUp');
  assert.ok(!app.host.logs.slice(from).some((line) => line.includes('Failed to remove')));
  assertStatus(await app.call(target, withKey(key, body)), 200);
  assert.equal(countOf(body), 1);
});

it('a key without storage is 500 rather than ignored', async (t) => {
  const forgetful = await startApp({ cloud });
  t.after(() => forgetful.stop());
  const { errors } = assertProblem(
    await forgetful.call(target, withKey(newKey(), newComment())),
    500,
    'InvalidConfiguration',
  );
  assert.deepEqual(
    errors?.map(({ in: place, name }) => [place, name]),
    [['setting', 'AzureWebJobsStorage']],
  );
  assert.equal(changesSent().length, 0);
  assertStatus(await forgetful.call(target, { json: newComment() }), 200);
});

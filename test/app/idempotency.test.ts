import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { holdUntil } from '../sandbox/faults.ts';
import type { CallOptions } from './call.ts';
import { useApp } from './harness.ts';
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

describe('a write with an Idempotency-Key', () => {
  it('is made once and replayed for every repetition', async () => {
    const [key, body] = [newKey(), { ...newComment(), status: 'InProgress' }];
    const first = await app.call(target, withKey(key, body));
    assertStatus(first, 200);
    for (let again = 0; again < 3; again++) {
      const reply = await app.call(target, withKey(key, body));
      assert.deepEqual([reply.status, reply.text], [200, first.text]);
      assert.equal(reply.headers.get('content-type'), first.headers.get('content-type'));
      assert.notEqual(reply.headers.get('x-ms-request-id'), first.headers.get('x-ms-request-id'));
    }
    assert.deepEqual([changesSent().length, countOf(body)], [1, 1]);
  });

  it('is replayed after a restart and by another instance', async (t) => {
    const [key, body] = [newKey(), newComment()];
    const first = await app.call(target, withKey(key, body));
    const beside = await app.startBeside({});
    t.after(() => beside.stop());
    assert.equal((await beside.call(target, withKey(key, body))).text, first.text);
    await app.host.restart();
    assert.equal((await app.call(target, withKey(key, body))).text, first.text);
    assert.equal(countOf(body), 1);
  });

  it('is made once by two instances at the same time', async (t) => {
    const beside = await app.startBeside({});
    t.after(() => beside.stop());
    const [key, body] = [newKey(), newComment()];
    const replies = await Promise.all([app, beside].map(({ call }) => call(target, withKey(key, body))));
    assert.ok(replies.some(({ status }) => status === 200));
    assert.ok(replies.every(({ status }) => status === 200 || status === 409));
    assert.equal(countOf(body), 1);
  });

  it('is 409 while the first request runs', async () => {
    const [key, body] = [newKey(), newComment()];
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const isArrival = () => {
      arrive();
      return true;
    };
    faults.add({ service: 'defenderXdr', times: 1, match: isArrival, effect: holdUntil(released) });
    const first = app.call(target, withKey(key, body));
    await arrived;
    const meanwhile = await app.call(target, withKey(key, body));
    assertProblem(meanwhile, 409, 'OperationInProgress');
    assert.ok(Number(meanwhile.headers.get('retry-after')) > 0);
    release();
    assert.equal((await app.call(target, withKey(newKey(), {}))).status, 400);
    const { status } = await first;
    assert.equal((await app.call(target, withKey(key, body))).status, status);
    assert.equal(countOf(body), 1);
  });

  it('is 422 when the key was used for another request', async () => {
    const [key, body] = [newKey(), newComment()];
    assertStatus(await app.call(target, withKey(key, body)), 200);
    const other = incidents.all()[1]?.incidentId;
    for (const [request, otherBody] of [
      [target, newComment()],
      [`PATCH /incidents/${other}`, body],
      ['PATCH /alerts/x', body],
    ] as const) {
      assertProblem(await app.call(request, withKey(key, otherBody)), 422, 'IdempotencyKeyReused');
    }
    assert.equal(changesSent().length, 1);
  });

  it('is separate for each tenant and each caller', async () => {
    const [key, body] = [newKey(), newComment()];
    const bearer = async (name: string) => {
      const user = administrator.addUser(`${name}@${world.home.domain}`, world.home);
      return async () => ({ authorization: `Bearer ${await cloud.signIn(user)}` });
    };
    const [anna, bert] = [await bearer(newKey()), await bearer(newKey())];
    for (const headers of [{}, await anna(), await bert(), await anna()]) {
      assertStatus(await app.call(target, withKey(key, body, headers)), 200);
    }
    const workflow = { authorization: `Bearer ${await cloud.signInApp()}` };
    assertStatus(await app.call(target, withKey(key, body, workflow)), 200);
    assert.equal(countOf(body), 4);
    const there = cloud.securityOf(fabrikam.id).incidents.all()[0]?.incidentId;
    assertStatus(await app.call(`PATCH /incidents/${there}?tenantId=${fabrikam.id}`, withKey(key, body)), 200);
  });

  it('is never replayed to a caller with an unverified token', async () => {
    const [key, body] = [newKey(), newComment()];
    const user = administrator.addUser(`${newKey()}@${world.home.domain}`, world.home);
    const token = await cloud.signIn(user);
    assertStatus(await app.call(target, withKey(key, body, { authorization: `Bearer ${token}` })), 200);
    const forged = `${token.split('.').slice(0, 2).join('.')}.${Buffer.from('forged').toString('base64url')}`;
    const reply = await app.call(target, withKey(key, body, { authorization: `Bearer ${forged}` }));
    assert.equal(reply.status, 401, reply.text);
  });

  it('rejects a key that is too long, naming the header', async () => {
    const reply = await app.call(target, withKey('x'.repeat(129), newComment()));
    const { errors } = assertProblem(reply, 400, 'InvalidRequest');
    assert.deepEqual(errors, [{ in: 'header', name: 'Idempotency-Key', detail: 'must have 1 to 128 characters' }]);
  });
});

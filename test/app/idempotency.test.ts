import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { breakConnection, holdUntil, loseAnswer, replyWith } from '../sandbox/faults.ts';
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

  it('is separate for each tenant and each user', async () => {
    const [key, body] = [newKey(), newComment()];
    const bearer = async (name: string) => {
      const user = administrator.addUser(`${name}@${world.home.domain}`, world.home);
      return async () => ({ authorization: `Bearer ${await cloud.signIn(user)}` });
    };
    const [anna, bert] = [await bearer(newKey()), await bearer(newKey())];
    for (const headers of [{}, await anna(), await bert(), await anna()]) {
      assertStatus(await app.call(target, withKey(key, body, headers)), 200);
    }
    assert.equal(countOf(body), 3);
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

describe('a machine action with an Idempotency-Key', () => {
  const { machines, machineActions } = cloud.securityOf(world.home.id);
  const [machine] = machines;
  assert.ok(machine);
  const isolate = `POST /machines/${machine.id}/actions` as const;
  const isolations = () => machineActions.all().filter(({ type }) => type === 'Isolate');
  const finish = () => {
    for (const { id } of isolations()) machineActions.finish(id, 'Succeeded');
  };

  it('is started once, with a Location on the host of each call', async (t) => {
    const before = isolations().length;
    const options = withKey(newKey(), { type: 'isolate', ...newComment() });
    const first = await app.call(isolate, options);
    assertStatus(first, 202);
    finish();
    const beside = await app.startBeside({});
    t.after(() => beside.stop());
    const again = await beside.call(isolate, options);
    assert.deepEqual([again.status, again.text], [202, first.text]);
    assert.ok(first.headers.get('location')?.startsWith(app.host.url));
    assert.ok(again.headers.get('location')?.startsWith(beside.host.url));
    assert.equal(isolations().length, before + 1);
  });

  it('is started once when its response was lost, also if it has ended since', async () => {
    const before = isolations().length;
    const options = withKey(newKey(), { type: 'isolate', ...newComment() });
    faults.add({ service: 'defenderForEndpoint', times: 1, effect: loseAnswer });
    assertProblem(await app.call(isolate, options), 502, 'UpstreamFailed');
    finish();
    assertStatus(await app.call(isolate, options), 202);
    assert.equal(isolations().length, before + 1);
  });

  it('is started when the first attempt never reached Defender', async () => {
    const before = isolations().length;
    const options = withKey(newKey(), { type: 'isolate', ...newComment() });
    faults.add({ service: 'defenderForEndpoint', times: 1, effect: breakConnection });
    assertProblem(await app.call(isolate, options), 502, 'UpstreamFailed');
    assertStatus(await app.call(isolate, options), 202);
    assert.equal(isolations().length, before + 1);
    finish();
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Machine } from '../sandbox/data/machines.ts';
import { defenderError } from '../sandbox/defender-error.ts';
import { json } from '../sandbox/exchange.ts';
import { loseAnswer, replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus, machineActionOf } from './replies.ts';
import { createTestCloud, type TestApp } from './test-app.ts';

let aheadMs = 0;
const cloud = createTestCloud({ now: () => Date.now() + aheadMs });
const { home, tenants } = cloud.world;
const [, fabrikam] = tenants;
assert.ok(fabrikam);
const app = await useApp({ cloud, settings: { DEFENDER_TENANTS: `${fabrikam.id},${fabrikam.domain}` } });
const { call, startBeside } = app;
const { machines, machineActions } = cloud.securityOf(home.id);

/** Machines that nothing has been done to yet, on a platform or on any other. */
const fresh = (isWanted: (machine: Machine) => boolean = ({ osPlatform }) => osPlatform !== 'Linux'): string => {
  const machine = machines.find(
    (each) => isWanted(each) && !machineActions.all().some((action) => action.machine === each),
  );
  assert.ok(machine);
  return machine.id;
};
const start = (body: unknown, id = fresh(), { call }: Pick<TestApp, 'call'> = app) =>
  call(`POST /machines/${id}/actions`, { json: body });
const sent = () => cloud.calls.of('defenderForEndpoint').filter(({ method }) => method === 'POST');
const comment = 'Case 7';
const sha1 = 'A94A8FE5CCB19BA61C4C0873D391E987982FBBD3';

describe('startMachineAction', () => {
  for (const [body, segment, sentBody, type] of [
    [{ type: 'isolate', isolationType: 'selective' }, 'isolate', { IsolationType: 'Selective' }, 'Isolate'],
    [{ type: 'isolate' }, 'isolate', { IsolationType: 'Full' }, 'Isolate'],
    [{ type: 'ISOLATE', isolationType: 'unmanageddevice' }, 'isolate', { IsolationType: 'UnManagedDevice' }, 'Isolate'],
    [{ type: 'unisolate' }, 'unisolate', {}, 'Unisolate'],
    [{ type: 'runantivirusscan' }, 'runAntiVirusScan', { ScanType: 'Quick' }, 'RunAntiVirusScan'],
    [{ type: 'runAntiVirusScan', scanType: 'FULL' }, 'runAntiVirusScan', { ScanType: 'Full' }, 'RunAntiVirusScan'],
    [{ type: 'collectInvestigationPackage' }, 'collectInvestigationPackage', {}, 'CollectInvestigationPackage'],
    [{ type: 'stopAndQuarantineFile', sha1 }, 'StopAndQuarantineFile', { Sha1: sha1 }, 'StopAndQuarantineFile'],
    [{ type: 'restrictCodeExecution' }, 'restrictCodeExecution', {}, 'RestrictCodeExecution'],
    [{ type: 'unrestrictCodeExecution' }, 'unrestrictCodeExecution', {}, 'UnrestrictCodeExecution'],
  ] as const) {
    it(`starts ${JSON.stringify(body)}`, async () => {
      const id = fresh();
      const reply = await start({ ...body, comment }, id);
      assertStatus(reply, 202);
      const action = machineActionOf(reply);
      assert.partialDeepStrictEqual(action, { type, status: 'Pending', machineId: id, requestorComment: comment });
      const [{ path, body: given } = {}] = sent();
      assert.equal(path, `/api/machines/${id}/${segment}`);
      assert.deepEqual(given, { Comment: comment, ...sentBody });
    });
  }

  it('returns Location and Retry-After, without the key', async () => {
    const { headers: plain, ...reply } = await start({ type: 'isolate', comment });
    const { id } = machineActionOf({ headers: plain, ...reply });
    assert.equal(plain.get('location'), `${app.host.url}/api/machine-actions/${id}`);
    assert.match(plain.get('retry-after') ?? '', /^[1-9][0-9]*$/);
    const withCode = await call(`POST /machines/${fresh()}/actions?code=${app.host.keys.function}`, {
      json: { type: 'isolate', comment },
      withKey: false,
    });
    assertStatus(withCode, 202);
    assert.doesNotMatch(withCode.headers.get('location') ?? '', /code|\?/);
  });

  it('keeps the tenant of the call in Location', async () => {
    const [machine] = cloud.securityOf(fabrikam.id).machines;
    for (const name of [fabrikam.id, fabrikam.domain]) {
      const type = name === fabrikam.id ? 'isolate' : 'unisolate';
      const reply = await call(`POST /machines/${machine?.id}/actions?tenantId=${name}`, { json: { type, comment } });
      assertStatus(reply, 202);
      const location = reply.headers.get('location') ?? '';
      assert.ok(location.endsWith(`?tenantId=${name}`), location);
      assertStatus(await call(`GET ${location}`), 202);
    }
  });

  it('returns the time of the last update under one name', async () => {
    const action = machineActionOf(await start({ type: 'isolate', comment }));
    assert.equal(typeof action.lastUpdateDateTimeUtc, 'string');
    assert.ok(!('lastUpdateTimeUtc' in action));
  });

  it('returns 409 while the same action runs on the machine, not for another one', async () => {
    const id = fresh();
    assertStatus(await start({ type: 'runAntiVirusScan', comment }, id), 202);
    const { upstream } = assertProblem(
      await start({ type: 'runAntiVirusScan', comment }, id),
      409,
      'ActionAlreadyRunning',
    );
    assert.partialDeepStrictEqual(upstream, { service: 'defender', status: 400 });
    assertStatus(await start({ type: 'collectInvestigationPackage', comment }, id), 202);
  });

  it('returns 400 with the message of the service for an unsupported action', async () => {
    const onLinux = fresh(({ osPlatform }) => osPlatform === 'Linux');
    for (const body of [{ type: 'restrictCodeExecution' }, { type: 'isolate', isolationType: 'Selective' }]) {
      const problem = assertProblem(await start({ ...body, comment }, onLinux), 400, 'RejectedByDefender');
      assert.match(problem.detail, /is not supported on the platform/);
      assert.equal(problem.upstream?.code, 'OsPlatformNotSupported');
    }
    assertStatus(await start({ type: 'isolate', comment }, onLinux), 202);
  });

  it('returns 404 for an unknown machine', async () => {
    assertProblem(await start({ type: 'isolate', comment }, '0'.repeat(40)), 404, 'NotFound');
  });

  it('reports every error at once, without an upstream call', async () => {
    for (const [body, names] of [
      [{}, ['/comment', '/type']],
      [{ type: 'reboot', comment }, ['/type']],
      [{ type: 'isolate', comment: ' ', isolationType: 'Half' }, ['/comment', '/isolationType']],
      [{ type: 'isolate', comment, scanType: 'Quick' }, ['/scanType']],
      [{ type: 'unisolate', comment, isolationType: 'Full', force: true }, ['/force', '/isolationType']],
      [{ type: 'stopAndQuarantineFile' }, ['/comment', '/sha1']],
      [{ type: 'stopAndQuarantineFile', comment, sha1: 'abc' }, ['/sha1']],
      [[], ['']],
    ] as const) {
      const { errors } = assertProblem(await start(body), 400, 'InvalidRequest');
      assert.deepEqual(errors?.map(({ name }) => name).sort(), names, JSON.stringify(body));
    }
    assert.equal(cloud.calls.all.length, 0);
  });

  it('repeats an action only if it cannot have been started', async () => {
    cloud.faults.add({ service: 'defenderForEndpoint', times: 1, effect: loseAnswer });
    assertProblem(await start({ type: 'isolate', comment }), 502, 'UpstreamFailed');
    assert.equal(sent().length, 1);
    const throttled = json(429, { error: { code: '429', message: 'Slow down.' } }, { 'retry-after': '0' });
    cloud.faults.add({ service: 'defenderForEndpoint', times: 1, effect: replyWith(throttled) });
    assertStatus(await start({ type: 'isolate', comment }), 202);
  });
});

describe('the allowed machine actions', () => {
  it('are all but offboard, which is rejected before a token is acquired', async (t) => {
    const other = await startBeside({});
    t.after(() => other.stop());
    const reply = await start({ type: 'offboard', comment }, fresh(), other);
    const { nextStep } = assertProblem(reply, 403, 'ActionNotAllowed');
    assert.match(nextStep ?? '', /DEFENDER_MACHINE_ACTIONS/);
    assert.equal(cloud.calls.all.length, 0);
  });

  it('are those of DEFENDER_MACHINE_ACTIONS', async (t) => {
    const other = await startBeside({ DEFENDER_MACHINE_ACTIONS: ' OFFBOARD , unisolate' });
    t.after(() => other.stop());
    assertProblem(await start({ type: 'isolate', comment }, fresh(), other), 403, 'ActionNotAllowed');
    assertStatus(await start({ type: 'offboard', comment }, fresh(), other), 202);
  });

  it('are none in read-only mode, which is checked first and allows reading', async (t) => {
    const readOnly = await startBeside({ DEFENDER_READ_ONLY: 'true' });
    t.after(() => readOnly.stop());
    assertProblem(await start({ type: 'reboot' }, 'x', readOnly), 403, 'ReadOnly');
    assertStatus(await readOnly.call('GET /machines?top=1'), 200);
  });
});

describe('getMachineAction', () => {
  it('returns 202 until the action has ended, then 200', async () => {
    const { headers } = await start({ type: 'isolate', comment });
    const location = headers.get('location') ?? '';
    for (const [laterMs, httpStatus, status] of [
      [0, 202, 'Pending'],
      [6_000, 202, 'InProgress'],
      [10_000, 200, 'Succeeded'],
    ] as const) {
      aheadMs += laterMs;
      const reply = await call(`GET ${location}`);
      assertStatus(reply, httpStatus);
      assert.equal(machineActionOf(reply).status, status);
      assert.equal(reply.headers.get('location'), httpStatus === 202 ? location : null);
      assert.equal(reply.headers.has('retry-after'), httpStatus === 202);
    }
  });

  it('returns 200 for every final status and for unknown ones', async () => {
    for (const status of ['Failed', 'TimeOut', 'Cancelled'] as const) {
      const { id } = machineActionOf(await start({ type: 'isolate', comment }));
      machineActions.finish(id, status);
      const reply = await call(`GET /machine-actions/${id.toUpperCase()}`);
      assertStatus(reply, 200);
      assert.equal(machineActionOf(reply).status, status);
    }
    const strange = json(200, { id: crypto.randomUUID(), type: 'isolate', status: 'Paused' });
    cloud.faults.add({ service: 'defenderForEndpoint', effect: replyWith(strange) });
    const reply = await call(`GET /machine-actions/${crypto.randomUUID()}`);
    assertStatus(reply, 200);
    assert.partialDeepStrictEqual(reply.json, { type: 'Isolate', status: 'Paused' });
  });

  it('returns 404 for an unknown action and 400 for a malformed id', async () => {
    assertProblem(await call(`GET /machine-actions/${crypto.randomUUID()}`), 404, 'NotFound');
    const { errors } = assertProblem(await call('GET /machine-actions/7'), 400, 'InvalidRequest');
    assert.partialDeepStrictEqual(errors, [{ in: 'path', name: 'actionId' }]);
  });
});

describe('getInvestigationPackage', () => {
  const collect = async () => machineActionOf(await start({ type: 'collectInvestigationPackage', comment })).id;
  const getPackage = (id: string) => call(`GET /machine-actions/${id}/package`);

  it('returns 404 until the package is ready, then its unquoted address with its expiration', async () => {
    const id = await collect();
    const { detail } = assertProblem(await getPackage(id), 404, 'NotFound');
    assert.match(detail, /succeeded/);
    machineActions.finish(id, 'Succeeded');
    const reply = await getPackage(id);
    assertStatus(reply, 200);
    const { uri, expires } = Object(reply.json);
    assert.ok(uri.startsWith('https://'), uri);
    assert.equal(expires, new URL(uri).searchParams.get('se'));
  });

  it('accepts an unquoted address, omits an unknown expiration and rejects anything but an address', async () => {
    for (const [value, expected] of [
      ['https://contoso.example/a.zip', { uri: 'https://contoso.example/a.zip' }],
      ['"https://contoso.example/a.zip?se=2026-11-20T09%3A30Z"', { expires: '2026-11-20T09:30:00Z' }],
    ] as const) {
      const remove = cloud.faults.add({ service: 'defenderForEndpoint', effect: replyWith(json(200, { value })) });
      const reply = await getPackage(crypto.randomUUID());
      assertStatus(reply, 200);
      assert.partialDeepStrictEqual(reply.json, expected);
      remove();
    }
    cloud.faults.add({ service: 'defenderForEndpoint', effect: replyWith(json(200, { value: '"soon"' })) });
    assertProblem(await getPackage(crypto.randomUUID()), 502, 'UpstreamFailed');
  });

  it('is 429 with Retry-After after two calls a minute', async () => {
    const id = await collect();
    machineActions.finish(id, 'Succeeded');
    cloud.behavior.limits = true;
    for (const status of [200, 200]) assertStatus(await getPackage(id), status);
    const reply = await getPackage(id);
    assertProblem(reply, 429, 'Throttled');
    assert.equal(reply.headers.get('retry-after'), '60');
  });

  it('returns 502 when the service keeps failing', async () => {
    const failure = defenderError(500, 'InternalServerError', 'It broke.');
    cloud.faults.add({ service: 'defenderForEndpoint', effect: replyWith(failure) });
    assertProblem(await getPackage(crypto.randomUUID()), 502, 'UpstreamFailed');
  });
});

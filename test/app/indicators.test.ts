import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { loseAnswer, replyWith } from '../sandbox/faults.ts';
import { indicatorCap } from '../sandbox/indicator-store.ts';
import type { Reply } from './call.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus, indicatorPageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { home, tenants } = cloud.world;
const [, fabrikam] = tenants;
assert.ok(fabrikam);
const { call, startBeside } = await useApp({ cloud, settings: { DEFENDER_TENANTS: fabrikam.id } });
const { indicators } = cloud.securityOf(home.id);

const required = {
  indicatorValue: '203.0.113.7',
  indicatorType: 'IpAddress',
  action: 'Block',
  title: 'Bad',
  description: 'Seen in case 7',
};
const submit = (change: object = {}, query = '') =>
  call(`POST /indicators${query}`, { json: { ...required, ...change } });
const idOf = (reply: Reply): string => Object(reply.json).id;
const valuesOf = async (query: string) =>
  indicatorPageOf(await call(`GET /indicators?${query}`)).value.map(({ indicatorValue }) => indicatorValue);

describe('submitIndicator', () => {
  it('submits in canonical spelling and returns the indicator', async () => {
    const reply = await submit({
      indicatorType: 'ipaddress',
      action: 'ALERTANDBLOCK',
      severity: 'high',
      expirationTime: '2027-01-01T01:00:00+01:00',
      rbacGroupNames: ['Servers'],
      generateAlert: true,
    });
    assertStatus(reply, 200);
    const expected = {
      ...required,
      action: 'AlertAndBlock',
      severity: 'High',
      expirationTime: '2027-01-01T00:00:00Z',
      rbacGroupNames: ['Servers'],
      generateAlert: true,
    };
    assert.partialDeepStrictEqual(reply.json, expected);
    assert.deepEqual(cloud.calls.of('defenderForEndpoint')[0]?.body, expected);
  });

  it('accepts every settable member', async () => {
    const settable = {
      application: 'Feed',
      recommendedActions: 'Isolate',
      educateUrl: 'https://contoso.example/why',
      externalId: 'case-4711',
      category: 1,
      mitreTechniques: ['T1059.001'],
      bypassDurationHours: 24,
      lookBackPeriod: 'P30D',
      historicalDetection: true,
      notificationId: 'n-1',
      notificationBody: 'Blocked by Contoso.',
    };
    const reply = await submit(settable);
    assertStatus(reply, 200);
    assert.partialDeepStrictEqual(reply.json, settable);
  });

  it('updates the indicator that has the value', async () => {
    const first = idOf(await submit({ title: 'First' }));
    const again = await submit({ title: 'Second' });
    assert.partialDeepStrictEqual(again.json, { id: first, title: 'Second' });
    assert.deepEqual(await valuesOf('indicatorValue=203.0.113.7'), ['203.0.113.7']);
  });

  it('rejects a hash of the wrong length', async () => {
    for (const [indicatorType, digits] of [
      ['FileMd5', 32],
      ['FileSha1', 40],
      ['FileSha256', 64],
    ] as const) {
      assertStatus(await submit({ indicatorType, indicatorValue: 'aB'.repeat(digits / 2) }), 200);
      for (const indicatorValue of ['a'.repeat(digits - 1), 'g'.repeat(digits)]) {
        const { errors } = assertProblem(await submit({ indicatorType, indicatorValue }), 400, 'InvalidRequest');
        assert.partialDeepStrictEqual(errors, [{ in: 'body', name: '/indicatorValue' }]);
      }
    }
  });

  it('rejects an address range, and an audit without an alert', async () => {
    for (const [change, name] of [
      [{ indicatorValue: '203.0.113.0/24' }, '/indicatorValue'],
      [{ action: 'Audit' }, '/generateAlert'],
      [{ action: 'audit', generateAlert: false }, '/generateAlert'],
    ] as const) {
      const { errors } = assertProblem(await submit(change), 400, 'InvalidRequest');
      assert.deepEqual(
        errors?.map((each) => each.name),
        [name],
      );
    }
    assertStatus(await submit({ action: 'Audit', generateAlert: true }), 200);
  });

  it('reports every error at once, without an upstream call', async () => {
    const wrong = {
      ...{ indicatorType: 'Hash', action: 'Audit', title: ' ' },
      severity: 'Bad',
      expirationTime: 'soon',
      x: 1,
    };
    const { errors } = assertProblem(await call('POST /indicators', { json: wrong }), 400, 'InvalidRequest');
    assert.deepEqual(errors?.map(({ name }) => name).sort(), [
      '/description',
      '/expirationTime',
      '/generateAlert',
      '/indicatorType',
      '/indicatorValue',
      '/severity',
      '/title',
      '/x',
    ]);
    assert.equal(cloud.calls.all.length, 0);
  });

  it('returns 400 with the message of the service when it rejects the indicator', async () => {
    const refused = json(400, { error: { code: 'InvalidIpAddress', message: 'It is reserved.', target: 'x' } });
    const remove = cloud.faults.add({ service: 'defenderForEndpoint', effect: replyWith(refused) });
    const problem = assertProblem(await submit(), 400, 'RejectedByDefender');
    assert.equal(problem.detail, 'It is reserved.');
    assert.equal(problem.upstream?.code, 'InvalidIpAddress');
    remove();
    const other = cloud.securityOf(fabrikam.id).indicators;
    for (let n = 0; n < indicatorCap; n++) {
      other.upsert({ ...required, indicatorValue: `h${n}.example`, indicatorType: 'DomainName', createdBy: 'x' });
    }
    const full = assertProblem(await submit({}, `?tenantId=${fabrikam.id}`), 400, 'RejectedByDefender');
    assert.match(full.detail, /15000/);
  });

  it('does not repeat a submission that may have been applied', async () => {
    cloud.faults.add({ service: 'defenderForEndpoint', times: 1, effect: loseAnswer });
    assertProblem(await submit({ indicatorValue: '203.0.113.9' }), 502, 'UpstreamFailed');
    assert.equal(cloud.calls.count('defenderForEndpoint'), 1);
  });
});

describe('listIndicators', () => {
  it('filters by type, value and action', async () => {
    await submit({ indicatorValue: "o'neil.example", indicatorType: 'DomainName', action: 'Warn' });
    await submit({ indicatorValue: 'https://b.example/x,y', indicatorType: 'Url', action: 'Allowed' });
    assert.deepEqual(await valuesOf('indicatorType=domainname,URL&action=Warn,allowed'), [
      "o'neil.example",
      'https://b.example/x,y',
    ]);
    assert.deepEqual(await valuesOf(`indicatorValue=${encodeURIComponent("o'neil.example")}`), ["o'neil.example"]);
    assert.deepEqual(await valuesOf(`indicatorValue=${encodeURIComponent('https://b.example/x,y')}`), [
      'https://b.example/x,y',
    ]);
  });

  it('pages through the whole list', async () => {
    const all = indicators.all().map(({ indicatorValue }) => indicatorValue);
    const values: string[] = [];
    for (let next: string | undefined = '/indicators?top=2'; next !== undefined; ) {
      const page = indicatorPageOf(await call(`GET ${next}`));
      values.push(...page.value.map(({ indicatorValue }) => indicatorValue));
      next = page.nextLink;
    }
    assert.deepEqual(values, all);
  });

  it('rejects unknown values', async () => {
    for (const query of ['indicatorType=Hash', 'action=Explode', 'severity=High', 'top=0']) {
      assertProblem(await call(`GET /indicators?${query}`), 400, 'InvalidRequest');
    }
  });
});

describe('deleteIndicator', () => {
  it('returns 204, also when the indicator is gone', async () => {
    const id = idOf(await submit({ indicatorValue: '203.0.113.8' }));
    for (let time = 0; time < 2; time++) {
      const reply = await call(`DELETE /indicators/${id}`);
      assertStatus(reply, 204);
      assert.equal(reply.text, '');
      assert.equal(reply.headers.get('cache-control'), 'no-store');
    }
    assert.equal(indicators.get(id), undefined);
  });

  it('returns 400 for an id that is not a number', async () => {
    for (const id of ['x', '0', '-1', '1.5']) {
      const { errors } = assertProblem(await call(`DELETE /indicators/${id}`), 400, 'InvalidRequest');
      assert.partialDeepStrictEqual(errors, [{ in: 'path', name: 'indicatorId' }]);
    }
    assert.equal(cloud.calls.all.length, 0);
  });

  it('is rejected in read-only mode, as a submission is', async (t) => {
    const readOnly = await startBeside({ DEFENDER_READ_ONLY: 'true' });
    t.after(() => readOnly.stop());
    assertProblem(await readOnly.call('DELETE /indicators/991'), 403, 'ReadOnly');
    assertProblem(await readOnly.call('POST /indicators', { json: required }), 403, 'ReadOnly');
    assertStatus(await readOnly.call('GET /indicators'), 200);
  });
});

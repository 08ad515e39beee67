import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { loseAnswer, replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';

const { cloud, call, startBeside } = await useApp();
const { alerts, incidents } = cloud.securityOf(cloud.world.home.id);
const alertId = alerts.all()[0]?.alert.alertId ?? '';

const update = (body: unknown, id = alertId) => call(`PATCH /alerts/${id}`, { json: body });
const commentsNow = () => alerts.get(alertId)?.comments.map(({ comment }) => comment);
const callsSent = () =>
  cloud.calls.of('graph').map(({ method, path }) => `${method} ${path.split('/').slice(4).join('/')}`);
const refusal = (status: number, message: string) => json(status, { error: { code: 'BadRequest', message } });
const isComment = ({ url }: { url: string }) => url.endsWith('/comments');

describe('updateAlert', () => {
  it('changes the given members only and returns the updated alert', async () => {
    const before = structuredClone(alerts.get(alertId)?.alert);
    for (const [change, stored] of [
      [{ status: 'inprogress' }, { status: 'InProgress' }],
      [{ assignedTo: 'soc@contoso.com' }, { assignedTo: 'soc@contoso.com' }],
      [{ classification: 'FALSEPOSITIVE' }, { classification: 'FalsePositive' }],
      [{ determination: 'Clean' }, { determination: 'NotMalicious' }],
      [{ assignedTo: '' }, { assignedTo: null }],
    ] as const) {
      const reply = await update(change);
      assertStatus(reply, 200);
      assert.partialDeepStrictEqual(alerts.get(alertId)?.alert, stored);
      assert.partialDeepStrictEqual(reply.json, { id: alertId, title: before?.title });
    }
    assert.partialDeepStrictEqual((await call(`GET /alerts/${alertId}`)).json, {
      status: 'InProgress',
      assignedTo: null,
      classification: 'FalsePositive',
      determination: 'Clean',
      severity: before?.severity,
      createdDateTime: before?.creationTime,
      comments: [],
    });
  });

  it('adds a comment after the change and returns it with the earlier ones', async () => {
    const first = await update({ status: 'Resolved', comment: 'Handled.' });
    assertStatus(first, 200);
    assert.partialDeepStrictEqual(first.json, { status: 'Resolved', comments: [{ comment: 'Handled.' }] });
    assert.deepEqual(callsSent(), [`PATCH ${alertId}`, `POST ${alertId}/comments`]);
    const second = await update({ comment: 'Really.' });
    const comments = [{ comment: 'Handled.' }, { comment: 'Really.', createdByDisplayName: 'Defender Functions' }];
    assert.partialDeepStrictEqual(second.json, { id: alertId, status: 'Resolved', comments });
    assert.deepEqual(callsSent().slice(2), [`GET ${alertId}`, `POST ${alertId}/comments`]);
  });

  it('changes the alert within its incident', async () => {
    await update({ status: 'New' });
    const incidentId = alerts.get(alertId)?.incident.incidentId ?? 0;
    const reply = await call(`GET /incidents/${incidentId}`);
    assert.partialDeepStrictEqual(reply.json, { alerts: [{ alertId, status: 'New' }] });
    assert.equal(incidents.get(incidentId)?.alerts[0]?.alertId, alertId);
  });

  it('accepts a determination in every published spelling and returns the canonical one', async () => {
    for (const [spelling, canonical] of [
      ['CompromisedUser', 'CompromisedAccount'],
      ['confirmedUserActivity', 'ConfirmedActivity'],
      ['notMalicious', 'Clean'],
      ['InsufficientData', 'NoEnoughDataToValidate'],
      ['notEnoughDataToValidate', 'NoEnoughDataToValidate'],
      ['multiStagedAttack', 'MultiStagedAttack'],
    ]) {
      const reply = await update({ determination: spelling });
      assertStatus(reply, 200);
      assert.partialDeepStrictEqual(reply.json, { determination: canonical });
    }
  });

  it('tries the other spellings of a determination when the service rejects one', async () => {
    for (const family of ['mde', 'xdr'] as const) {
      cloud.behavior.determinations = family;
      cloud.calls.clear();
      const reply = await update({ determination: 'NoEnoughDataToValidate', comment: family });
      assertStatus(reply, 200);
      assert.partialDeepStrictEqual(reply.json, { determination: 'NoEnoughDataToValidate' });
      assert.equal(callsSent().filter((sent) => sent.startsWith('PATCH')).length, family === 'mde' ? 2 : 3);
      assert.equal(commentsNow()?.filter((comment) => comment === family).length, 1);
    }
  });

  it('returns 400 with the message of the service when it rejects every spelling', async () => {
    const sentence = 'Determination cannot be set for this alert.';
    cloud.faults.add({ service: 'graph', effect: replyWith(refusal(400, sentence)) });
    const problem = assertProblem(await update({ determination: 'Clean', comment: 'x' }), 400, 'RejectedByDefender');
    assert.equal(problem.detail, sentence);
    assert.partialDeepStrictEqual(problem.upstream, { service: 'graph', status: 400, code: 'BadRequest' });
    assert.deepEqual(callsSent(), [`PATCH ${alertId}`, `PATCH ${alertId}`]);
  });

  it('reports that the alert was updated when only the comment was rejected', async () => {
    cloud.faults.add({ service: 'graph', match: isComment, effect: replyWith(refusal(400, 'It is too long.')) });
    const problem = assertProblem(await update({ status: 'Resolved', comment: 'x' }), 400, 'RejectedByDefender');
    assert.equal(problem.detail, 'The alert was updated, but adding the comment failed: It is too long.');
    assert.equal(alerts.get(alertId)?.alert.status, 'Resolved');
  });

  it('returns 404 for an unknown alert', async () => {
    assertProblem(await update({ status: 'New' }, 'nothing'), 404, 'NotFound');
    assertProblem(await update({ comment: 'x' }, 'nothing'), 404, 'NotFound');
  });

  it('reports every error at once, without an upstream call', async () => {
    assertProblem(await update({}), 400, 'InvalidRequest');
    const wrong = { status: 'Active', classification: 'Unknown', determination: 'Apt', tags: ['x'], comment: ' ' };
    const { errors } = assertProblem(await update(wrong), 400, 'InvalidRequest');
    assert.deepEqual(
      errors?.map(({ name }) => name).sort(),
      Object.keys(wrong)
        .map((name) => `/${name}`)
        .sort(),
    );
    assert.equal(cloud.calls.count('graph'), 0);
  });

  it('returns 502 after a lost response rather than repeating the update', async () => {
    cloud.faults.add({ service: 'graph', match: isComment, effect: loseAnswer });
    assertProblem(await update({ comment: 'Did it happen?' }), 502, 'UpstreamFailed');
    assert.equal(commentsNow()?.filter((comment) => comment === 'Did it happen?').length, 1);
  });

  it('repeats a throttled update', async () => {
    const throttled = json(429, { error: { code: 'TooManyRequests', message: 'Slow down.' } }, { 'retry-after': '0' });
    cloud.faults.add({ service: 'graph', match: isComment, times: 1, effect: replyWith(throttled) });
    assertStatus(await update({ comment: 'Once.' }), 200);
    assert.equal(commentsNow()?.filter((comment) => comment === 'Once.').length, 1);
  });

  it('is rejected in read-only mode, which allows reading', async (t) => {
    const readOnly = await startBeside({ DEFENDER_READ_ONLY: 'true' });
    t.after(() => readOnly.stop());
    const reply = await readOnly.call(`PATCH /alerts/${alertId}`, { json: { status: 'New' } });
    assertProblem(reply, 403, 'ReadOnly');
    assertStatus(await readOnly.call(`GET /alerts/${alertId}`), 200);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { loseAnswer, replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';

const { cloud, call } = await useApp();
const { incidents } = cloud.securityOf(cloud.world.home.id);

const update = (incidentId: number, body: unknown) => call(`PATCH /incidents/${incidentId}`, { json: body });
const changesSent = () => cloud.calls.of('defenderXdr').map(({ method, body }) => ({ method, body }));

describe('updateIncident', () => {
  const incidentId = incidents.all()[0]?.incidentId ?? 0;

  it('changes the given members only and returns the updated incident', async () => {
    const before = structuredClone(incidents.get(incidentId));
    const reply = await update(incidentId, { status: 'resolved', tags: ['seen'], comment: 'Handled.' });
    assertStatus(reply, 200);
    const after = incidents.get(incidentId);
    assert.partialDeepStrictEqual(reply.json, after);
    assert.deepEqual(
      { ...after, lastUpdateTime: before?.lastUpdateTime, comments: after?.comments.slice(0, -1) },
      { ...before, status: 'Resolved', tags: ['seen'] },
    );
    assert.equal(after?.comments.at(-1)?.comment, 'Handled.');
  });

  it('sends the given members only', async () => {
    await update(incidentId, { classification: 'falsepositive' });
    assert.deepEqual(changesSent(), [{ method: 'PATCH', body: { classification: 'FalsePositive' } }]);
  });

  it('treats an empty owner as none', async () => {
    assert.partialDeepStrictEqual((await update(incidentId, { assignedTo: '' })).json, { assignedTo: null });
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
      const reply = await update(incidentId, { determination: spelling });
      assertStatus(reply, 200);
      assert.partialDeepStrictEqual(reply.json, { determination: canonical });
    }
  });

  it('tries the other spellings of a determination when the service rejects one', async () => {
    cloud.behavior.determinations = 'mde';
    const reply = await update(incidentId, { determination: 'Clean', comment: 'Once.' });
    assertStatus(reply, 200);
    assert.partialDeepStrictEqual(reply.json, { determination: 'Clean' });
    assert.deepEqual(
      changesSent().map(({ body }) => body?.determination),
      ['Clean', 'NotMalicious'],
    );
    assert.equal(incidents.get(incidentId)?.comments.filter(({ comment }) => comment === 'Once.').length, 1);
  });

  it('returns 400 with the message of the service when it rejects every spelling', async () => {
    const sentence = 'Determination cannot be set for this incident.';
    const refusal = json(400, { error: { code: 'InvalidInput', message: sentence, target: '|7f3c-1.' } });
    cloud.faults.add({ service: 'defenderXdr', effect: replyWith(refusal) });
    const problem = assertProblem(await update(incidentId, { determination: 'Clean' }), 400, 'RejectedByDefender');
    assert.equal(problem.detail, sentence);
    assert.deepEqual(problem.upstream, {
      service: 'defender',
      status: 400,
      code: 'InvalidInput',
      requestId: '|7f3c-1.',
    });
  });

  it('returns 404 for an unknown incident', async () => {
    assertProblem(await update(1, { status: 'Active' }), 404, 'NotFound');
  });

  it('returns 502 after a lost response rather than repeating the update', async () => {
    cloud.faults.add({ service: 'defenderXdr', effect: loseAnswer });
    const before = incidents.get(incidentId)?.comments.length ?? 0;
    assertProblem(await update(incidentId, { comment: 'Did it happen?' }), 502, 'UpstreamFailed');
    assert.equal(changesSent().length, 1);
    assert.equal(incidents.get(incidentId)?.comments.length, before + 1);
  });

  it('does not repeat an update that failed with 5xx', async () => {
    const failure = json(500, { error: { code: 'InternalServerError', message: 'It broke.', target: 'x' } });
    cloud.faults.add({ service: 'defenderXdr', effect: replyWith(failure) });
    assertProblem(await update(incidentId, { status: 'Active' }), 502, 'UpstreamFailed');
    assert.equal(changesSent().length, 1);
  });

  it('repeats a throttled update', async () => {
    const throttled = json(429, { error: { code: '429', message: 'Slow down.', target: 'x' } }, { 'retry-after': '0' });
    cloud.faults.add({ service: 'defenderXdr', times: 1, effect: replyWith(throttled) });
    assertStatus(await update(incidentId, { status: 'Active' }), 200);
    assert.equal(changesSent().length, 2);
  });
});

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { breakConnection, type Effect, loseAnswer } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem, assertStatus } from './replies.ts';

const time = createMovableTime();
const app = await useApp({ hasStorage: true, time });
const { cloud } = app;
const { incidents } = cloud.securityOf(cloud.world.home.id);
const incidentId = incidents.all()[0]?.incidentId ?? 0;
const minuteMs = 60_000;
// The instances that died still wait for a timeout.
after(() => time.advance(60 * minuteMs));

function newWrite() {
  const comment = `Seen by ${crypto.randomUUID()}.`;
  const options = { json: { comment }, headers: { 'idempotency-key': crypto.randomUUID() } };
  return {
    sendTo: ({ call }: Pick<typeof app, 'call'>) => call(`PATCH /incidents/${incidentId}`, options),
    count: () => incidents.get(incidentId)?.comments.filter((each) => each.comment === comment).length,
  };
}

/** The instance dies when its request reaches Defender. */
function dieDuringRequest(effect: Effect): void {
  const match = ({ method }: { method: string }) => {
    if (method === 'PATCH') app.host.kill();
    return method === 'PATCH';
  };
  cloud.faults.add({ service: 'defenderXdr', times: 1, match, effect });
}

describe('a write whose instance crashed', () => {
  for (const [name, effect] of [
    ['after Defender applied it', loseAnswer],
    ['before Defender applied it', breakConnection],
  ] as const) {
    it(`is applied once by another instance after five minutes: ${name}`, async (t) => {
      const beside = await app.startBeside({});
      t.after(() => beside.stop());
      const { sendTo, count } = newWrite();
      dieDuringRequest(effect);
      assert.notEqual((await sendTo(app).catch(() => ({ status: 500 }))).status, 200);

      const early = await sendTo(beside);
      assertProblem(early, 409, 'OperationInProgress');
      assert.ok(Number(early.headers.get('retry-after')) > 0);
      time.advance(5 * minuteMs);
      const replies = await Promise.all([app, beside].map(sendTo));
      assert.ok(replies.some(({ status }) => status === 200));
      assertStatus(await sendTo(beside), 200);
      assert.equal(count(), 1);
    });
  }
});

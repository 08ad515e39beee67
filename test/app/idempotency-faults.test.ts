import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import fc from 'fast-check';
import { breakConnection, loseAnswer } from '../sandbox/faults.ts';
import type { StorageFate } from '../sandbox/storage/storage-account.ts';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { whileTimePasses } from './while-time-passes.ts';

const time = createMovableTime();
const app = await useApp({ hasStorage: true, time });
// The clock of the other instance is two minutes ahead.
const beside = await app.startBeside({}, 120_000);
after(async () => {
  await beside.stop();
  time.advance(60 * 60_000);
});
const { cloud } = app;
const { incidents } = cloud.securityOf(cloud.world.home.id);
const incidentId = incidents.all()[0]?.incidentId ?? 0;

// Both have loaded their SDKs before time moves.
for (const { call } of [app, beside]) {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  await call(`PATCH /incidents/${incidentId}`, { json: { comment: 'Warm' }, headers });
}

const attempt = fc.record({
  isBeside: fc.boolean(),
  fates: fc.array(fc.constantFrom<StorageFate>('answered', 'answered', 'answered', 'lost', 'broken', 503), {
    maxLength: 12,
  }),
  fault: fc.constantFrom(undefined, undefined, loseAnswer, breakConnection),
  pauseMs: fc.constantFrom(1_000, 5_000, 7 * 60_000),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

async function send(key: string, comment: string, { isBeside, fates, fault, pauseMs }: Attempt) {
  const left = [...fates];
  app.storage.decide = () => left.shift() ?? 'answered';
  const match = ({ method }: { method: string }) => method === 'PATCH';
  const lift = fault && cloud.faults.add({ service: 'defenderXdr', times: 1, match, effect: fault });
  const options = { json: { comment }, headers: { 'idempotency-key': key } };
  const reply = await whileTimePasses(
    app,
    time,
    (isBeside ? beside : app).call(`PATCH /incidents/${incidentId}`, options),
  );
  lift?.();
  time.advance(pauseMs);
  return reply;
}

it('a keyed write is applied at most once by two instances that lose responses', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 6 }), async (attempts) => {
      const [key, comment] = [crypto.randomUUID(), `Seen by ${crypto.randomUUID()}.`];
      const replies = [];
      for (const each of attempts) replies.push(await send(key, comment, each));
      const succeeded = replies.filter(({ status }) => status === 200);
      const count = incidents.get(incidentId)?.comments.filter((each) => each.comment === comment).length ?? 0;
      assert.ok(count <= 1 && (succeeded.length === 0 || count === 1), `${count} comments`);
      assert.ok(new Set(succeeded.map(({ text }) => text)).size <= 1, 'Replies differ');
      for (const { status, text } of replies) assert.ok([200, 409, 502, 504].includes(status), text);
    }),
    { numRuns: 25 },
  );
});

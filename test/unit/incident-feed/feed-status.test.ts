import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { readFeedStatuses } from '../../../shared/incident-feed/feed-status.ts';
import { createListeners } from '../../../shared/incident-feed/listeners.ts';
import { createFeedScene, minuteMs, tenantId } from './feed-scene.ts';

async function createStatusScene() {
  const scene = createFeedScene();
  const { table, clock, now } = scene;
  const listeners = createListeners({ table, clock, subscriptions: { list: async () => [] } });
  await listeners.notePoll(tenantId, now());
  return {
    ...scene,
    status: async () => (await readFeedStatuses({ table, listeners, clock })).get(tenantId),
  };
}

describe('the status of a feed', () => {
  it('is behind once it has not read everything for ten minutes', async () => {
    const { run, minute, pass, status, setAnswer, now } = await createStatusScene();
    await run();
    assert.deepEqual(await status(), {
      ...{ caughtUpAt: now(), notBefore: undefined },
      ...{ quarantinedWindows: 0, isBehind: false },
    });
    const before = now();
    setAnswer(() => {
      throw new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 503 });
    });
    await minute(10);
    assert.partialDeepStrictEqual(await status(), { caughtUpAt: before, isBehind: false });
    pass(1);
    assert.partialDeepStrictEqual(await status(), { isBehind: true });
  });

  it('is behind if it never ran', async () => {
    const { pass, status } = await createStatusScene();
    pass(11 * minuteMs);
    assert.partialDeepStrictEqual(await status(), { caughtUpAt: undefined, isBehind: true });
  });

  it('counts quarantined windows', async () => {
    const { run, minute, status, setUnversioned } = await createStatusScene();
    await run();
    setUnversioned(['1']);
    await minute();
    assert.partialDeepStrictEqual(await status(), { quarantinedWindows: 1, isBehind: false });
  });

  it('is absent without listeners', async () => {
    const { run, pass, status } = await createStatusScene();
    await run();
    pass(31 * 24 * 60 * minuteMs);
    assert.equal(await status(), undefined);
  });
});

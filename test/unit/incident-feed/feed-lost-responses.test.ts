import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFeedScene, largeText, minuteMs } from './feed-scene.ts';

const methods = ['get', 'list', 'replace', 'transact'] as const;
const maxCalls = 5;

/** One minute of a feed with something new, in which some calls of the storage fail. */
async function runWith(method: (typeof methods)[number], skip: number, when: 'before' | 'after') {
  const scene = createFeedScene();
  const { incidents, table, blobs, run, pass, minute, startInstance } = scene;
  await run();
  pass(1);
  for (let id = 1; id <= 5; id++) incidents.create(id);
  await minute();
  incidents.update(1, { title: largeText });
  incidents.update(2);
  pass(minuteMs);
  const before = table.calls();
  table.injectFault({ when, method, skip });
  const isWhole = await run().then(
    () => true,
    () => false,
  );
  const calls = table.calls() - before;
  // The other instance continues, at the latest when the first one's lease has ended. The fault may be due only then.
  const other = startInstance(2 * minuteMs);
  for (let runs = 0; runs <= maxCalls; runs++) {
    pass(2 * minuteMs);
    await other().catch(() => {});
  }
  return { ...scene, blobs, isWhole, calls };
}

describe('the incident feed, when a response of the storage is lost', () => {
  for (const method of methods)
    it(`loses and repeats no version at any ${method}`, async () => {
      for (const when of ['before', 'after'] as const)
        for (let skip = 0; skip < maxCalls; skip++) {
          const { names, isWhole, blobs } = await runWith(method, skip, when);
          assert.equal(new Set(names()).size, 7, `${when} ${method} ${skip}`);
          if (isWhole) assert.equal(names().length, 7, `${when} ${method} ${skip} repeated a version`);
          assert.equal(blobs.names.length, 1);
        }
    });

  it('continues in the same run after a lost response of its lease', async () => {
    const { isWhole, names } = await runWith('replace', 0, 'after');
    assert.equal(isWhole, true);
    assert.equal(names().length, 7);
  });

  it('continues in the same run after a lost response of a transaction', async () => {
    for (const skip of [0, 1]) assert.equal((await runWith('transact', skip, 'after')).isWhole, true);
  });

  it('finishes a blob that was written before a crash', async () => {
    const { incidents, blobs, run, pass, minute, names } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1, { title: largeText });
    blobs.injectFault({ when: 'after', method: 'write' });
    await assert.rejects(minute());
    await minute(2);
    assert.deepEqual([names().length, blobs.names.length], [1, 1]);
  });
});

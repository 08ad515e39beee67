import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestError } from '../../../shared/errors.ts';
import { createFeedScene, largeText, minuteMs, tenantId } from './feed-scene.ts';

const hourMs = 60 * minuteMs;
const throttled = (retryAfter: string) =>
  new RequestError(429, 'Throttled', 'No.', { headers: { 'retry-after': retryAfter } });

describe('the incident feed, for odd input', () => {
  it('quarantines an incident that cannot be versioned with a warning, and publishes it once it can be', async () => {
    const scene = createFeedScene();
    const { incidents, minute, run, pass, names, warnings, observations } = scene;
    await run();
    pass(1);
    incidents.create(1);
    scene.setUnversioned(['2']);
    await minute(2);
    assert.equal(names().length, 1);
    assert.match(warnings[0] ?? '', /without a usable id or lastUpdateTime \(2\) \(attempt 1\); quarantined/);
    assert.partialDeepStrictEqual(
      observations.find(({ name }) => name === 'WindowQuarantined'),
      { tenantId, attempts: 1, unversioned: 1 },
    );
    scene.setUnversioned([]);
    incidents.create(2, { at: (incidents.visible()[0]?.updatedAt ?? 0n) + 1n });
    await minute(8);
    assert.equal(names().length, 2);
  });

  it('warns of it less and less often', async () => {
    const scene = createFeedScene();
    const { minute, run, warnings } = scene;
    await run();
    scene.setUnversioned(['2']);
    await minute(61);
    assert.ok(warnings.length > 2 && warnings.length < 20, `${warnings.length} warnings`);
  });

  for (const [retryAfter, maxMs] of [
    ['-43', 2 * minuteMs],
    ['soon', 2 * minuteMs],
    ['', 2 * minuteMs],
    ['99999999', hourMs + minuteMs],
    ['1e99', 2 * minuteMs],
  ] as const)
    it(`calls Defender again after a Retry-After of "${retryAfter}"`, async () => {
      const { minute, run, calledAt, setAnswer, now } = createFeedScene();
      await run();
      setAnswer(() => {
        throw throttled(retryAfter);
      });
      await minute();
      setAnswer(() => {});
      const [before, count] = [now(), calledAt.length];
      for (let minutes = 0; calledAt.length === count && minutes < 120; minutes++) await minute();
      assert.ok(now() - before <= maxMs, `${(now() - before) / minuteMs} minutes`);
    });

  it('recovers from a checkpoint that postpones it for years', async () => {
    const { minute, run, table, calledAt } = createFeedScene();
    await run();
    const row = (await table.get(tenantId, 'checkpoint')) ?? assert.fail('There is no checkpoint');
    const state0 = JSON.stringify({
      ...JSON.parse(String(row.state0)),
      notBefore: Date.parse('2043-01-01T00:00:00Z'),
      highWatermark: Date.parse('2043-01-01T00:00:00Z'),
    });
    await table.upsert({ ...row, state0 });
    const before = calledAt.length;
    await minute(62);
    assert.ok(calledAt.length > before);
  });

  it('continues behind its log when the checkpoint is unreadable', async () => {
    const { incidents, minute, run, pass, names, table, warnings } = createFeedScene();
    await run();
    pass(1);
    for (let id = 1; id <= 120; id++) incidents.create(id);
    await minute(2);
    await table.upsert({ partitionKey: tenantId, rowKey: 'checkpoint', state0: '{"lastSequence":' });
    incidents.create(200);
    await minute(2);
    assert.equal(new Set(names()).size, 121);
    assert.match(warnings.join(), /checkpoint of the incident feed is unreadable/);
    const versions = await table.list(tenantId, { from: 'log|', before: 'log}' });
    assert.equal(versions.length, 121);
  });

  it('continues when checkpoint and log are gone, and the records are not', async () => {
    const { incidents, minute, run, pass, names, table } = createFeedScene();
    await run();
    pass(1);
    for (let id = 1; id <= 3; id++) incidents.create(id);
    await minute();
    await table.upsert({ partitionKey: tenantId, rowKey: 'checkpoint', state0: 'x' });
    for (const { rowKey } of await table.list(tenantId, { from: 'log|', before: 'log}' }))
      await table.delete(tenantId, rowKey);
    for (const id of [3, 1, 2]) incidents.update(id);
    await minute();
    assert.equal(new Set(names()).size, 6);
  });

  it('records an incident again whose record is unreadable', async () => {
    const { incidents, minute, run, pass, types, table } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1);
    await minute();
    await table.upsert({
      partitionKey: tenantId,
      rowKey: 'incident|0000000000000001',
      version: 'x',
      published: '[{}]',
    });
    incidents.update(1);
    await minute();
    assert.equal(types().length, 2);
  });

  it('publishes what was created right after a subscription on an instance whose clock is ahead', async () => {
    const { incidents, run, pass, types, now } = createFeedScene();
    const createdAt = now() + 2 * minuteMs;
    pass(10_000);
    incidents.create(1);
    pass(50_000);
    await run(createdAt);
    assert.deepEqual(types(), ['incident.created 1']);
  });

  it('records incidents with ever new severities, however long', async () => {
    const { incidents, minute, run, pass, types, table } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1, { severity: 'x'.repeat(100_000) });
    for (let count = 0; count < 100; count++) {
      await minute();
      incidents.update(1, { severity: `invented-${count}` });
    }
    await minute();
    assert.equal(types().length, 101);
    const row = await table.get(tenantId, 'incident|0000000000000001');
    assert.ok(String(row?.published).length < 20_000);
  });

  it('drops a window that cannot be read once Defender has removed its incidents', async () => {
    const scene = createFeedScene();
    const { minute, run, pass, calledAt } = scene;
    await run();
    scene.setUnversioned(['2']);
    await minute();
    pass(181 * 24 * hourMs);
    scene.setUnversioned([]);
    const before = calledAt.length;
    await minute();
    assert.equal(calledAt.length - before, 1);
  });

  it('continues when the blob of a replaced version cannot be removed', async () => {
    const { incidents, minute, run, pass, names, blobs } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1, { title: largeText });
    await minute();
    incidents.update(1);
    blobs.injectFault({ when: 'before', method: 'delete' });
    await minute();
    assert.equal(names().length, 2);
  });

  it('skips a version whose body is gone, and publishes the others', async () => {
    const { incidents, minute, run, pass, names, blobs, warnings, setPublishing } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1, { title: largeText });
    incidents.create(2);
    setPublishing(false);
    await assert.rejects(minute());
    for (const name of blobs.names) await blobs.delete(name);
    setPublishing(true);
    await minute(2);
    assert.deepEqual(
      names().map((name) => name.split('@')[0]),
      ['2'],
    );
    assert.match(warnings.join(), /skipped the unreadable log row/);
  });
});

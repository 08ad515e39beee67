import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHuntScene, first, minuteMs, rowsOf } from './saved-hunt-scene.ts';

const dayMs = 24 * 60 * minuteMs;

describe('onlyNew', () => {
  it('publishes only rows with new values, and nothing without such rows', async () => {
    const { add, passAndRun, setValues, events } = createHuntScene();
    await add({ tenantIds: [first], onlyNew: 'Id' });
    for (const values of [['a', 'b'], ['b'], ['b', 'c', null], []]) {
      setValues(() => values);
      await passAndRun(10 * minuteMs);
    }
    assert.deepEqual(events.map(rowsOf), [
      ['a', 'b'],
      ['c', null],
    ]);
  });

  it('remembers a value for 31 days', async () => {
    const { add, passAndRun, setValues, events } = createHuntScene();
    await add({ tenantIds: [first], onlyNew: 'Id' });
    setValues(() => ['a']);
    await passAndRun(10 * minuteMs);
    await passAndRun(31 * dayMs);
    assert.deepEqual(events.map(rowsOf), [['a']]);
    await passAndRun(32 * dayMs);
    assert.deepEqual(events.map(rowsOf), [['a'], ['a']]);
  });

  it('compares the name of the column case-insensitively', async () => {
    const { add, passAndRun, setValues, events } = createHuntScene();
    await add({ tenantIds: [first], onlyNew: 'ID' });
    setValues(() => ['a']);
    await passAndRun(10 * minuteMs);
    await passAndRun(10 * minuteMs);
    assert.deepEqual(events.map(rowsOf), [['a']]);
  });

  it('accepts an empty result, which has no columns', async () => {
    const { add, passAndRun, listRuns } = createHuntScene();
    const { id } = await add({ tenantIds: [first], onlyNew: 'Id' });
    await passAndRun(10 * minuteMs);
    const [run] = await listRuns(id);
    assert.deepEqual([run?.rows, run?.error], [0, undefined]);
  });

  it('fails the run when the result lacks the column', async () => {
    const { add, passAndRun, setValues, listRuns } = createHuntScene();
    const { id } = await add({ tenantIds: [first], onlyNew: 'Other' });
    setValues(() => ['a']);
    await passAndRun(10 * minuteMs);
    assert.match((await listRuns(id))[0]?.error ?? '', /no column Other/);
  });

  it('counts every value as new when its record cannot be read', async () => {
    const { add, passAndRun, setValues, events, blobs } = createHuntScene();
    await add({ tenantIds: [first], onlyNew: 'Id' });
    setValues(() => ['a']);
    await passAndRun(10 * minuteMs);
    for (const junk of ['{', '{"a":"b"}', 'null']) {
      for (const name of blobs.names) await blobs.write(name, junk);
      await passAndRun(10 * minuteMs);
    }
    assert.deepEqual(events.map(rowsOf), [['a'], ['a'], ['a'], ['a']]);
  });
});

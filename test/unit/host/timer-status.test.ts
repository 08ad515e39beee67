import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openTimerStatuses } from '../../host/timer-status.ts';

describe('timer statuses in a file', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'timer-status-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('persist for the next host', async () => {
    const file = join(directory, 'new', 'timers.json');
    const statuses = openTimerStatuses(file);
    await Promise.all([
      statuses.write('a', { nextAt: 2, updatedAt: 1 }),
      statuses.write('b', { lastAt: 1, nextAt: 3, updatedAt: 1 }),
    ]);
    const reopened = openTimerStatuses(file);
    assert.deepEqual(await reopened.read('a'), { nextAt: 2, updatedAt: 1 });
    assert.deepEqual(await reopened.read('b'), { lastAt: 1, nextAt: 3, updatedAt: 1 });
    assert.equal(await reopened.read('c'), undefined);
  });

  it('start empty when the file is corrupt', async () => {
    const file = join(directory, 'damaged.json');
    await writeFile(file, '{');
    assert.equal(await openTimerStatuses(file).read('a'), undefined);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { type CleanupStep, cleanUp } from '../../../shared/health/run-clean-up.ts';
import { createFakeClock } from '../fake-clock.ts';

const outage = new UpstreamError('down', { service: 'storage', failure: 'connection', code: 'ECONNRESET' });

function createScene() {
  const clock = createFakeClock();
  const lines: string[] = [];
  const log = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(`warn: ${line}`) };
  const done: string[] = [];
  const step = (name: string, run: CleanupStep['run'] = async () => {}): CleanupStep => ({
    name,
    async run(deadlineAt, own) {
      await run(deadlineAt, own);
      done.push(name);
    },
  });
  return { clock, lines, done, step, run: (...steps: CleanupStep[]) => cleanUp(steps, clock, log) };
}

describe('cleanUp', () => {
  it('runs the other steps when one fails', async () => {
    const { lines, done, step, run } = createScene();
    await run(
      step('first'),
      step('second', () => Promise.reject(outage)),
      step('third'),
    );
    assert.deepEqual(done, ['first', 'third']);
    assert.deepEqual(lines, ['warn: Failed to remove expired second: ECONNRESET', 'Clean-up: 2 of 3 steps succeeded.']);
  });

  it('ends a hanging step after 90 seconds', async () => {
    const { clock, lines, done, step, run } = createScene();
    const startedAt = clock.now();
    const hanging = Array.from({ length: 4 }, (_, index) => step(`hanging ${index}`, () => new Promise(() => {})));
    await clock.runUntil(run(...hanging, step('last')));
    assert.equal(clock.now() - startedAt, 90_000);
    assert.deepEqual(done, ['last']);
    assert.equal(lines.filter((line) => line.endsWith(': timeout')).length, 4);
  });

  it('gives each step a minute of its own', async () => {
    const { clock, step, run } = createScene();
    const deadlines: number[] = [];
    await run(step('first', async (deadlineAt) => void deadlines.push(deadlineAt - clock.now())));
    assert.deepEqual(deadlines, [60_000]);
  });

  it('reports a bug after all steps', async () => {
    const { done, step, run } = createScene();
    const bug = new TypeError('x is undefined');
    await assert.rejects(
      run(
        step('first', () => Promise.reject(bug)),
        step('second'),
      ),
      bug,
    );
    assert.deepEqual(done, ['second']);
  });
});

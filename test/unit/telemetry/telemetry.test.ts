import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import library from '@azure/functions';
import type { Observation } from '../../../shared/outbound/observation.ts';
import { toReport } from '../../../shared/telemetry/report.ts';
import type { CreateSink, Observed, Sink } from '../../../shared/telemetry/sink.ts';
import { complete } from '../fake-clock.ts';
import { createSetup, waited, waitedFor, waits } from './setup.ts';

describe('telemetry', () => {
  test('is disabled without a connection string', async () => {
    for (const setting of ['', '  ']) {
      const { telemetry, clock, loads } = createSetup(undefined, setting);
      telemetry.observe(waited);
      telemetry.startSoon();
      assert.deepEqual(clock.pendingMs(), []);
      await telemetry.flush();
      assert.equal(loads(), 0);
      const handler = () => {};
      const invocation = new library.PreInvocationContext({ functionCallback: handler });
      telemetry.correlate(invocation);
      assert.equal(invocation.functionHandler, handler);
    }
  });

  test('is loaded once, a second after the first response', async () => {
    const { telemetry, clock, loads } = createSetup();
    telemetry.startSoon();
    await clock.advance(999);
    assert.equal(loads(), 0);
    telemetry.startSoon();
    await clock.advance(1);
    telemetry.startSoon();
    await clock.advance(10_000);
    assert.equal(loads(), 1);
  });

  test('sends earlier observations with their time, then later ones', async () => {
    const { telemetry, clock, sent, warnings } = createSetup();
    const startedAt = clock.now();
    telemetry.observe(waitedFor(1));
    telemetry.startSoon();
    await clock.advance(1000);
    telemetry.observe(waitedFor(2));
    assert.deepEqual(waits(sent), [1, 2]);
    assert.deepEqual(
      sent.map(({ at }) => at - startedAt),
      [0, 1000],
    );
    assert.deepEqual(warnings, []);
  });

  test('keeps the newest thousand and warns once about dropped ones', async () => {
    const { telemetry, clock, sent, warnings } = createSetup();
    for (let waitMs = 0; waitMs < 1003; waitMs++) telemetry.observe(waitedFor(waitMs));
    telemetry.startSoon();
    await clock.advance(1000);
    assert.equal(sent.length, 1000);
    assert.equal(waits(sent)[0], 3);
    assert.deepEqual(warnings, ['Telemetry is incomplete: 3 observations were dropped before it started.']);
  });

  const failures: Record<string, () => Promise<CreateSink>> = {
    'cannot be loaded': () => Promise.reject(new Error('broken')),
    'cannot be set up': async () => () => {
      throw new Error('broken');
    },
  };
  for (const [failure, load] of Object.entries(failures)) {
    test(`warns once and retries every minute: ${failure}`, async () => {
      const { telemetry, clock, warnings, loads } = createSetup(load);
      telemetry.observe(waited);
      telemetry.startSoon();
      await clock.advance(1000);
      telemetry.observe(waited);
      telemetry.startSoon();
      await clock.advance(1000);
      await telemetry.flush();
      await clock.advance(60_000);
      telemetry.startSoon();
      await clock.advance(1000);
      assert.ok(loads() > 1);
      assert.deepEqual(warnings, ['Failed to start telemetry: broken']);
    });
  }

  test('sends what was observed before a failed start', async () => {
    let fails = true;
    const sent: Observed[] = [];
    const { telemetry, clock } = createSetup(async () => () => {
      if (fails) throw new Error('broken');
      return { send: (observed) => sent.push(observed), flush: async () => {} };
    });
    telemetry.observe(waitedFor(1));
    telemetry.startSoon();
    await clock.advance(1000);
    fails = false;
    await clock.advance(60_000);
    telemetry.startSoon();
    await clock.advance(1000);
    assert.deepEqual(waits(sent), [1]);
  });

  test('drops an observation alone that cannot be recorded, before the start and after it', async () => {
    const sent: Observed[] = [];
    const send = (observed: Observed) => {
      toReport(observed.observation);
      sent.push(observed);
    };
    const { telemetry, clock } = createSetup(async () => () => ({ send, flush: async () => {} }));
    const bad: Observation = { name: 'CredentialExpired', credential: 'some-secret', expiresAt: 1e23 };
    telemetry.observe(bad);
    telemetry.observe(waitedFor(1));
    telemetry.startSoon();
    await clock.advance(1000);
    telemetry.observe(bad);
    telemetry.observe(waitedFor(2));
    assert.deepEqual(waits(sent), [1, 2]);
  });

  test('is flushed when the app ends, even before it is loaded', async () => {
    let flushes = 0;
    const sent: Observed[] = [];
    const sink: Sink = { send: (observed) => sent.push(observed), flush: async () => void flushes++ };
    const { telemetry } = createSetup(async () => () => sink);
    telemetry.observe(waited);
    await telemetry.flush();
    assert.deepEqual([sent.length, flushes], [1, 1]);
  });

  test('delays the end of the app by at most two seconds', async () => {
    const { telemetry, clock } = createSetup(async () => () => ({
      send: () => {},
      flush: () => new Promise(() => {}),
    }));
    let isDone = false;
    telemetry.flush().then(() => {
      isDone = true;
    });
    await clock.advance(1999);
    assert.equal(isDone, false);
    await clock.advance(1);
    await complete();
    assert.equal(isDone, true);
  });
});

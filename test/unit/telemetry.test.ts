import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import library from '@azure/functions';
import { createSafeObserve, type Observation } from '../../shared/outbound/observation.ts';
import { createBacklog } from '../../shared/telemetry/backlog.ts';
import { toOperation } from '../../shared/telemetry/operation.ts';
import { toReport } from '../../shared/telemetry/report.ts';
import type { CreateSink, Observed, Sink } from '../../shared/telemetry/sink.ts';
import { createTelemetry } from '../../shared/telemetry.ts';
import { complete, createFakeClock } from './fake-clock.ts';
import { createFakeHttpClient } from './fake-http-client.ts';

const connectionString = 'InstrumentationKey=11111111-2222-3333-4444-555555555555';
const waited: Observation = { name: 'ThrottlingWait', service: 'graph', tenantId: 'contoso', waitMs: 1 };
const waitedFor = (waitMs: number): Observation => ({ ...waited, waitMs });

function createSetup(load?: () => Promise<CreateSink>, setting: string | undefined = connectionString) {
  const clock = createFakeClock();
  const warnings: string[] = [];
  const sent: Observed[] = [];
  let loads = 0;
  const sink: Sink = { send: (observed) => sent.push(observed), flush: async () => {} };
  const telemetry = createTelemetry({
    environment: { APPLICATIONINSIGHTS_CONNECTION_STRING: setting },
    version: '1.2.3',
    clock,
    httpClient: createFakeHttpClient(),
    random: () => 0,
    warn: (message) => warnings.push(message),
    load: () => {
      loads++;
      return load?.() ?? Promise.resolve(() => sink);
    },
  });
  return { telemetry, clock, warnings, sent, loads: () => loads };
}

const waits = (sent: readonly Observed[]) =>
  sent.map(({ observation }) => (observation.name === 'ThrottlingWait' ? observation.waitMs : undefined));

/** Runs a handler between the hooks, as the worker does. */
function invoke(telemetry: ReturnType<typeof createTelemetry>, traceParent: string, handler: () => unknown): unknown {
  const invocationContext = new library.InvocationContext({
    functionName: 'listIncidents',
    traceContext: { traceParent },
  });
  const invocation = new library.PreInvocationContext({ functionCallback: handler, invocationContext });
  telemetry.correlate(invocation);
  return invocation.functionHandler(undefined, invocationContext);
}

const traceParentOf = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;

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

describe('an observation', () => {
  test("belongs to the host's request during which it was made, however long after", async () => {
    const { telemetry, clock, sent } = createSetup();
    const { promise: slow, resolve } = Promise.withResolvers<void>();
    const first = invoke(telemetry, traceParentOf('a'), async () => {
      await slow;
      telemetry.observe(waitedFor(1));
    });
    await Promise.all([first, invoke(telemetry, traceParentOf('b'), () => telemetry.observe(waitedFor(2))), resolve()]);
    telemetry.observe(waitedFor(3));
    telemetry.startSoon();
    await clock.advance(1000);
    assert.deepEqual(waits(sent), [2, 1, 3]);
    assert.deepEqual(
      sent.map(({ operation }) => operation?.traceId),
      ['b'.repeat(32), 'a'.repeat(32), undefined],
    );
  });

  test('belongs to no request if the host does not trace', () => {
    const operation = (traceParent?: string) =>
      toOperation(
        new library.InvocationContext({ functionName: 'ping', ...(traceParent && { traceContext: { traceParent } }) }),
      );
    assert.equal(operation(), undefined);
    assert.equal(operation('nonsense'), undefined);
    assert.deepEqual(operation(traceParentOf('c')), {
      name: 'ping',
      traceId: 'c'.repeat(32),
      parentId: 'c'.repeat(16),
    });
  });

  test('is reported with known members only', () => {
    const observation = { ...waited, query: 'DeviceInfo', token: 'eyJ' };
    assert.deepEqual(toReport(observation), {
      event: { name: 'ThrottlingWait', numbers: { waitMs: 1 } },
      metric: { name: 'ThrottlingWaitMs', value: 1 },
      dimensions: { tenantId: 'contoso', service: 'graph' },
    });
  });

  test('an audit event names the caller and the result', () => {
    const write = { operation: 'updateIncident', tenantId: 'contoso', caller: 'user' as const, callerId: 'u-1' };
    assert.deepEqual(toReport({ name: 'WriteStarted', ...write }), {
      event: { name: 'WriteStarted', numbers: {} },
      dimensions: write,
    });
    assert.deepEqual(toReport({ name: 'WriteEnded', ...write, result: 'NotFound', durationMs: 7 }), {
      event: { name: 'WriteEnded', numbers: { durationMs: 7 } },
      dimensions: { ...write, result: 'NotFound' },
    });
  });
});

test('an observer that throws does not affect the call', () => {
  const observe = createSafeObserve(() => {
    throw new Error('broken');
  });
  observe(waited);
});

test('the backlog drops the oldest', () => {
  const backlog = createBacklog(2);
  const sent: Observed[] = [];
  for (const waitMs of [1, 2, 3]) backlog.send({ observation: waitedFor(waitMs), at: 0, operation: undefined });
  assert.equal(backlog.moveTo({ send: (observed) => sent.push(observed) }), 1);
  assert.deepEqual(waits(sent), [2, 3]);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSafeObserve, type Observation } from '../../../shared/outbound/observation.ts';
import { createBacklog } from '../../../shared/telemetry/backlog.ts';
import { toReport } from '../../../shared/telemetry/report.ts';
import type { Observed } from '../../../shared/telemetry/sink.ts';

const waited: Observation = { name: 'ThrottlingWait', service: 'graph', tenantId: 'contoso', waitMs: 1 };
const waitedFor = (waitMs: number): Observation => ({ ...waited, waitMs });
const waits = (sent: readonly Observed[]) =>
  sent.map(({ observation }) => (observation.name === 'ThrottlingWait' ? observation.waitMs : undefined));

describe('an observation', () => {
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

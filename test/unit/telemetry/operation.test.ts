import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import library from '@azure/functions';
import { toOperation } from '../../../shared/telemetry/operation.ts';
import { createSetup, invoke, traceParentOf, waitedFor, waits } from './setup.ts';

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
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UpstreamError } from '../../../shared/errors.ts';
import { createWebhookScene, event, hourMs, minuteMs, secondMs } from './webhook-scene.ts';

type Scene = ReturnType<typeof createWebhookScene>;

/** Repeats what fails, as the feed does. */
async function untilDone<T>(action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
    }
  }
}

/** Every version of every incident arrived, and each after the first arrival of the version before. */
function assertComplete({ received }: Scene, incidents: number, versions: number): void {
  for (let incidentId = 1; incidentId <= incidents; incidentId++) {
    const arrived = received.filter((each) => each.incidentId === incidentId).map(({ version }) => version);
    assert.deepEqual(
      [...new Set(arrived)],
      Array.from({ length: versions }, (_, index) => index + 1),
      `incident ${incidentId}: ${arrived}`,
    );
  }
}

describe('two instances', () => {
  it('deliver each event once, and miss nothing that is published meanwhile', async () => {
    const scene = createWebhookScene({ skewsMs: [0, 0] });
    const { subscribe, instances, pass, received, answer, subscriptionAdmin, host } = scene;
    const id = await subscribe();
    answer(() => ({ status: 200, after: 500 }));
    for (let version = 1; version <= 5; version++) {
      for (const [index, instance] of instances.entries())
        await instance.publishEvents([event(2 * index + 1, version), event(2 * index + 2, version)]);
      await pass(700);
    }
    await pass(minuteMs);
    assertComplete(scene, 4, 5);
    assert.equal(received.length, 20);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { delivered: 20, waiting: 0 });
    await pass(2 * minuteMs);
    assert.equal(host.length(), 0);
  });

  it('deliver everything when one of them dies in the middle of its deliveries', async () => {
    const scene = createWebhookScene({ skewsMs: [0, 0] });
    const { subscribe, publishEvents, instances, pass, answer, received } = scene;
    await subscribe();
    answer(() => (received.length <= 4 ? 'silence' : 200));
    await publishEvents([event(1), event(2), event(3)]);
    await pass(secondMs);
    instances[0]?.kill();
    await instances[1]?.publishEvents([event(1, 2), event(2, 2), event(3, 2)]);
    for (let minute = 0; minute < 15; minute++) {
      await instances[1]?.dispatcher.wakeOverdue();
      await pass(minuteMs);
    }
    assertComplete(scene, 3, 2);
  });
});

describe('an instance that dies', () => {
  it('is replaced when its lease has expired, by the message of a later event', async () => {
    const scene = createWebhookScene({ skewsMs: [0, 0] });
    const { subscribe, publishEvents, instances, pass, answer, received } = scene;
    await subscribe();
    answer(() => (received.length <= 1 ? 'silence' : 200));
    await publishEvents([event(1)]);
    await pass(secondMs);
    instances[0]?.kill();
    await instances[1]?.publishEvents([event(1, 2)]);
    await pass(70 * secondMs);
    assertComplete(scene, 1, 2);
  });
});

describe('two instances with skewed clocks, lost responses and failing receivers', () => {
  const fault = fc.record({
    of: fc.constantFrom('table' as const, 'queue' as const, 'subscriptionTable' as const),
    when: fc.constantFrom('before' as const, 'after' as const),
    skip: fc.nat(80),
    times: fc.integer({ min: 1, max: 3 }),
  });
  const statuses = fc.array(fc.constantFrom(200, 200, 500, 503, 429), { minLength: 1, maxLength: 8 });

  it('deliver everything at least once and in order, and leave no message behind', async () => {
    const check = async (faults: Fault[], codes: number[], skewMs: number) => {
      const scene = createWebhookScene({ skewsMs: [0, skewMs] });
      const { subscribe, instances, pass, answer, received, subscriptionAdmin, host } = scene;
      const id = await subscribe();
      answer(() => ({ status: codes[received.length % codes.length] ?? 200, after: 100 }));
      for (const { of, ...each } of faults) (of === 'queue' ? host.queue : scene[of]).injectFault(each);
      for (let version = 1; version <= 3; version++)
        for (const [index, instance] of instances.entries()) {
          await untilDone(() => instance.publishEvents([event(index + 1, version)]));
          await pass(secondMs);
        }
      answer(() => 200);
      for (let count = 0; count < 30; count++) {
        await instances[count % 2]?.dispatcher.wakeOverdue().catch(() => {});
        await pass(count < 10 ? minuteMs : hourMs);
      }
      assertComplete(scene, 2, 3);
      const status = await untilDone(() => subscriptionAdmin.find(id));
      assert.partialDeepStrictEqual(status, { delivered: 6, waiting: 0, deadLettered: 0 });
      assert.equal(host.length(), 0);
    };
    const skew = fc.constantFrom(0, -120_000, 120_000);
    await fc.assert(fc.asyncProperty(fc.array(fault, { maxLength: 6 }), statuses, skew, check), { numRuns: 60 });
  });
});

interface Fault {
  of: 'table' | 'queue' | 'subscriptionTable';
  when: 'before' | 'after';
  skip: number;
  times: number;
}

import type { Call } from '../app/call.ts';
import { type InProcessTestApp, startApp } from '../app/harness.ts';
import { createMovableTime, type MovableTime } from '../app/movable-time.ts';
import { createTestCloud } from '../app/test-app.ts';
import { whileTimePasses } from '../app/while-time-passes.ts';
import type { Cloud } from '../sandbox/cloud.ts';
import { createRandom, type Random } from '../sandbox/data/random.ts';
import { createTortureIncidents, type TortureIncidents } from './torture-incidents.ts';

const minuteMs = 60_000;
/** Clocks of two instances may differ by this much. */
const skewMs = 2 * minuteMs;

/** Two instances of the app on one storage account, with clocks that differ, in a cloud of two tenants. */
export interface TortureWorld {
  readonly random: Random;
  readonly time: MovableTime;
  readonly cloud: Cloud;
  readonly app: InProcessTestApp;
  readonly instances: readonly InProcessTestApp[];
  readonly tenants: readonly TortureIncidents[];
  /** Largest number of messages in all queues so far. */
  readonly maxMessages: number;
  /** Advances time, then runs timers and queues on both instances until nothing is left to do. */
  pass(ms: number): Promise<void>;
  readonly call: Call;
  /** Awaits work while time passes. */
  run<T>(work: Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export async function createTortureWorld(seed: string): Promise<TortureWorld> {
  const random = createRandom(`torture ${seed}`);
  const time = createMovableTime();
  const cloud = createTestCloud({ now: time.now, behavior: { limits: true, retryAfter: true } });
  const customerId = cloud.world.tenants[1]?.id ?? '';
  const app = await startApp({ time, cloud, hasStorage: true, settings: { DEFENDER_TENANTS: customerId } });
  const instances = [app, await app.startBeside({ DEFENDER_TENANTS: customerId }, skewMs)];
  let maxMessages = 0;

  const run = <T>(work: Promise<T>): Promise<T> =>
    whileTimePasses(app, time, work, () => {
      maxMessages = Math.max(maxMessages, app.storage.queues.count());
    });

  async function work(): Promise<void> {
    // One of them may die during this.
    await Promise.allSettled(instances.map(({ host }) => host.runFunction('syncIncidents')));
    for (let turn = 0; turn < 2; turn++) await Promise.all(instances.map(({ host }) => host.drainQueues()));
  }

  return {
    random,
    time,
    cloud,
    app,
    instances,
    tenants: [0, 1].map((index) => createTortureIncidents(cloud, random, index)),
    get maxMessages() {
      return maxMessages;
    },
    async pass(ms) {
      time.advance(ms);
      cloud.calls.clear();
      await run(work());
    },
    run,
    call: (...request) => run(app.call(...request)),
    async stop() {
      for (const { host } of instances) await host.stop();
    },
  };
}

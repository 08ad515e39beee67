import type { InProcessTestApp } from './harness.ts';
import type { MovableTime } from './movable-time.ts';

const maxStepMs = 30_000;

/** Awaits work that waits for timers: while no service is called, time moves on to the next timer. */
export async function whileTimePasses<T>(
  { cloud, storage }: Pick<InProcessTestApp, 'cloud' | 'storage'>,
  time: MovableTime,
  work: Promise<T>,
  onTurn: () => void = () => {},
): Promise<T> {
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  work.then(done, done);
  for (let seen = -1; !isDone; ) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    onTurn();
    const calls = cloud.calls.all.length + storage.callCount;
    if (calls === seen) time.advanceToNextTimer(maxStepMs);
    seen = calls;
  }
  return await work;
}

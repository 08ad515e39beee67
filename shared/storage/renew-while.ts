import type { Clock } from '../clock.ts';
import type { Lease } from './lease.ts';

/**
 * Renews a lease every `everyMs` while `action` runs. A renewal that fails does not end the action: the commit or release that follows
 * fails then.
 */
export async function renewWhile<T>(
  lease: Pick<Lease<unknown>, 'commit'>,
  clock: Clock,
  everyMs: number,
  action: () => Promise<T>,
): Promise<T> {
  let isOver = false;
  let cancel = () => {};
  const renewLater = () => {
    cancel = clock.startTimer(() => {
      lease.commit().then(
        () => {
          if (!isOver) renewLater();
        },
        () => {},
      );
    }, everyMs);
  };
  renewLater();
  try {
    return await action();
  } finally {
    isOver = true;
    cancel();
  }
}

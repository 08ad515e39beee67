import type { Behavior } from './behavior.ts';

export interface Quota {
  readonly calls: number;
  /** As Defender writes it, e.g. `00:01:00`. */
  readonly per: '00:01:00' | '01:00:00';
}

export interface QuotaExceeded extends Quota {
  readonly retryAfterSeconds: number;
}

export interface RateLimiter {
  /** Counts a call against rolling windows; a refused call does not count. */
  take(key: string, quotas: readonly Quota[]): QuotaExceeded | undefined;
}

export const perMinute = (calls: number): Quota => ({ calls, per: '00:01:00' });
export const perHour = (calls: number): Quota => ({ calls, per: '01:00:00' });

const windowMs = { '00:01:00': 60_000, '01:00:00': 3_600_000 };

export function createRateLimiter(now: () => number, behavior: Behavior): RateLimiter {
  const callsByKey = new Map<string, number[]>();

  return {
    take(key, documented) {
      if (!behavior.limits) return undefined;
      const { callsPerMinute } = behavior;
      const quotas = callsPerMinute === undefined ? documented : [perMinute(callsPerMinute)];
      const at = now();
      const calls = (callsByKey.get(key) ?? []).filter((calledAt) => calledAt > at - windowMs['01:00:00']);
      callsByKey.set(key, calls);
      for (const quota of quotas) {
        const oldestThatCounts = calls.at(-quota.calls);
        if (oldestThatCounts === undefined) continue;
        const freeAt = oldestThatCounts + windowMs[quota.per];
        if (freeAt > at) return { ...quota, retryAfterSeconds: Math.ceil((freeAt - at) / 1000) };
      }
      calls.push(at);
      return undefined;
    },
  };
}

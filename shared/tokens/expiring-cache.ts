/** Something with an end, in epoch milliseconds. */
export interface Expiring {
  expiresAt: number;
  /** From here on it is still good, but a newer one is wanted. */
  refreshAt: number;
}

export interface ExpiringCache<V extends Expiring> {
  /** The value of `key`: from memory, from a load that is under way, or from `load`. A failed load is not remembered. */
  get(key: string, load: () => Promise<V>): Promise<V>;
  /** The outcome of a load that is under way or begins now; meanwhile, and if it fails, the value in memory goes on. */
  renew(key: string, load: () => Promise<V>): Promise<V>;
  /** Drops the value of `key` if it still is `value`; one that was loaded since stays. */
  forget(key: string, value: V): void;
  /** Drops whatever is there of these keys, and what is being loaded for them. */
  forgetAll(isMeant: (key: string) => boolean): void;
}

interface ExpiringCacheOptions {
  now: () => number;
  /** How many keys are kept; beyond, the least recently used one goes. */
  capacity: number;
}

interface Entry<V> extends Expiring {
  current: Promise<V>;
  value?: V;
  replacement?: Promise<V> | undefined;
}

/** After a failed refresh the old value goes on, and the next try waits this long. */
const refreshPauseMs = 30_000;

/**
 * Expiry and single flight, nothing else. The entry is the promise itself: while it loads it counts as fresh, so whoever comes
 * meanwhile shares it. A value past its `refreshAt` is served on while one load replaces it.
 */
export function createExpiringCache<V extends Expiring>({ now, capacity }: ExpiringCacheOptions): ExpiringCache<V> {
  const entries = new Map<string, Entry<V>>();

  function keepNewest(key: string, entry: Entry<V>): void {
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size <= capacity) return;
    for (const oldest of entries.keys()) {
      entries.delete(oldest);
      break;
    }
  }

  function load(key: string, request: () => Promise<V>): Promise<V> {
    const current = request();
    const entry: Entry<V> = { current, expiresAt: Infinity, refreshAt: Infinity };
    keepNewest(key, entry);
    current.then(
      (value) => Object.assign(entry, { value, expiresAt: value.expiresAt, refreshAt: value.refreshAt }),
      () => entries.get(key) === entry && entries.delete(key),
    );
    return current;
  }

  function refresh(entry: Entry<V>, request: () => Promise<V>): Promise<V> {
    const current = request();
    entry.replacement = current;
    current.then(
      (value) => {
        const { expiresAt, refreshAt } = value;
        Object.assign(entry, { current, value, expiresAt, refreshAt, replacement: undefined });
      },
      () => Object.assign(entry, { refreshAt: now() + refreshPauseMs, replacement: undefined }),
    );
    return current;
  }

  return {
    get(key, request) {
      const entry = entries.get(key);
      if (entry === undefined) return load(key, request);
      const time = now();
      if (time >= entry.expiresAt) return entry.replacement ?? load(key, request);
      keepNewest(key, entry);
      if (time >= entry.refreshAt && entry.replacement === undefined) refresh(entry, request);
      return entry.current;
    },
    renew(key, request) {
      const entry = entries.get(key);
      if (entry === undefined || now() >= entry.expiresAt) return load(key, request);
      if (entry.value === undefined) return entry.current;
      return entry.replacement ?? refresh(entry, request);
    },
    forget(key, value) {
      if (entries.get(key)?.value === value) entries.delete(key);
    },
    forgetAll(isMeant) {
      for (const key of entries.keys()) if (isMeant(key)) entries.delete(key);
    },
  };
}

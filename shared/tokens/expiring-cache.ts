/** A value that expires. Instants in epoch milliseconds. */
export interface Expiring {
  expiresAt: number;
  /** From then on the value is still valid, but is replaced in the background. */
  refreshAt: number;
}

export interface ExpiringCache<V extends Expiring> {
  /** The cached value of `key`, else the result of the load in flight, else of `load`. A failed load is not cached. */
  get(key: string, load: () => Promise<V>): Promise<V>;
  /** The result of the load in flight, else of `load`. Until it succeeds, `get` returns the cached value. */
  renew(key: string, load: () => Promise<V>): Promise<V>;
  /** Drops the value of `key` unless it was replaced since. */
  forget(key: string, value: V): void;
  /** Drops the values of all matching keys, and the results of loads in flight. */
  forgetAll(matches: (key: string) => boolean): void;
}

interface ExpiringCacheOptions {
  now: () => number;
  /** Number of keys, beyond which the least recently used one is dropped. */
  capacity: number;
}

interface Entry<V> extends Expiring {
  current: Promise<V>;
  value?: V;
  replacement?: Promise<V> | undefined;
}

/** Pause after a failed refresh, during which the old value is returned. */
const refreshPauseMs = 30_000;

/** Expiry and single flight, nothing else: the entry is the promise itself. */
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
    forgetAll(matches) {
      for (const key of entries.keys()) if (matches(key)) entries.delete(key);
    },
  };
}

/** A value that is loaded on demand and cached. Concurrent calls share one load. */
export interface CachedValue<T> {
  /** The cached value while it is fresh and its generation is unchanged, else a new one; during an outage the cached one. */
  get(): Promise<T>;
  /** Loads the value now. */
  load(): Promise<T>;
  /** The cached value, however old; undefined without one. */
  peek(): T | undefined;
}

interface CachedValueOptions<T> {
  request: () => Promise<T>;
  now: () => number;
  /** Changes when the value may have changed. */
  getGeneration: () => Promise<string>;
  /** Age at which the value is loaded again. */
  freshForMs: number;
  /** Age up to which the value is returned while loading it fails. */
  bridgedForMs: number;
  /** Whether an error says that the value is no longer valid, so that it must not be used. */
  isDefinite?: (error: unknown) => boolean;
  /** How long a failure without a cached value is returned to further calls without another load. Default: 0. */
  failurePauseMs?: number;
}

const bridgePauseMs = 30_000;

export function createCachedValue<T>(options: CachedValueOptions<T>): CachedValue<T> {
  const {
    request,
    now,
    getGeneration,
    freshForMs,
    bridgedForMs,
    isDefinite = () => false,
    failurePauseMs = 0,
  } = options;
  let known: { value: T; loadedAt: number; generation: string } | undefined;
  let failure: { error: unknown; until: number } | undefined;
  let loading: { generation: string; value: Promise<T> } | undefined;
  let retryAt = 0;

  async function loadOnce(generation: string): Promise<T> {
    try {
      const value = await request();
      known = { value, loadedAt: now(), generation };
      failure = undefined;
      return value;
    } catch (error) {
      if (isDefinite(error)) known = undefined;
      failure = { error, until: now() + failurePauseMs };
      throw error;
    }
  }

  async function load(): Promise<T> {
    // Read before the request, which may miss a change that is announced while it runs.
    const generation = await getGeneration();
    if (loading?.generation !== generation) {
      const current = { generation, value: loadOnce(generation) };
      loading = current;
      const end = () => {
        if (loading === current) loading = undefined;
      };
      current.value.then(end, end);
    }
    return await loading.value;
  }

  async function loadUnlessPaused(): Promise<T> {
    if (failure !== undefined && now() < failure.until) throw failure.error;
    return await load();
  }

  const findBridge = () => (known !== undefined && now() - known.loadedAt < bridgedForMs ? known : undefined);

  return {
    async get() {
      if (known === undefined) return await loadUnlessPaused();
      const generation = await getGeneration();
      const bridge = findBridge();
      const isFresh = bridge?.generation === generation && now() - bridge.loadedAt < freshForMs;
      if (bridge !== undefined && (isFresh || now() < retryAt)) return bridge.value;
      try {
        return await loadUnlessPaused();
      } catch (error) {
        const fallback = findBridge();
        if (fallback === undefined) throw error;
        retryAt = now() + bridgePauseMs;
        return fallback.value;
      }
    },
    load,
    peek: () => known?.value,
  };
}

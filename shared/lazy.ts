/** Runs `load` at the first call and returns its result to every call. A failed load is repeated by the next call. */
export function lazy<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}

type Methods<T> = { [name in keyof T]: (...inputs: never[]) => Promise<unknown> };

/** An object whose methods are all asynchronous: `load` runs when the first of them is called. */
export function lazyObject<T extends Methods<T>>(load: () => Promise<T>): T {
  const open = lazy(async (): Promise<Methods<Record<string, unknown>>> => await load());
  const call =
    (name: string) =>
    async (...inputs: never[]) => {
      const object = await open();
      if (object[name] === undefined) throw new TypeError(`${name} is not a method`);
      return await object[name](...inputs);
    };
  // Without `then`, so that `await` does not take the object for a promise.
  return new Proxy({} as T, {
    get: (_, name) => (typeof name === 'string' && name !== 'then' ? call(name) : undefined),
  });
}

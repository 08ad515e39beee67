type Part<T> = { [name in keyof T]: (...inputs: never[]) => Promise<unknown> };

/** A part of the app whose code is loaded with the first call of it: no answer should wait for what it does not need. */
export function loadLater<T extends Part<T>>(load: () => Promise<T>): T {
  let loaded: Promise<Part<Record<string, unknown>>> | undefined;
  const call =
    (name: string) =>
    async (...inputs: never[]) => {
      loaded ??= load();
      const action = (await loaded)[name];
      if (action === undefined) throw new TypeError(`There is no ${name}`);
      return await action(...inputs);
    };
  return new Proxy({} as T, { get: (_, name) => call(String(name)) });
}

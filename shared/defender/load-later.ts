type Resource = Record<string, (...inputs: never[]) => Promise<unknown>>;

/** A resource whose code is loaded with the first question to it: no answer should wait for what it does not need. */
export function loadLater<T extends Resource>(load: () => Promise<T>): T {
  let loaded: Promise<T> | undefined;
  const ask =
    (name: string) =>
    async (...inputs: never[]) => {
      loaded ??= load();
      const question = (await loaded)[name];
      if (question === undefined) throw new TypeError(`There is no question ${name}`);
      return await question(...inputs);
    };
  return new Proxy({} as T, { get: (_, name) => ask(String(name)) });
}

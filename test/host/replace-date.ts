/** From now on every date of this process is of another time. */
export function replaceDate(now: () => number): void {
  globalThis.Date = new Proxy(Date, {
    apply: (target) => new target(now()).toString(),
    construct: (target, input, newTarget) => Reflect.construct(target, input.length === 0 ? [now()] : input, newTarget),
    get: (target, member) => (member === 'now' ? now : Reflect.get(target, member)),
  });
}

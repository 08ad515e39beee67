import { UpstreamError } from '../../../shared/errors.ts';

/** Which calls of a fake fail, and whether the service acts on them. */
export interface Fault<Method extends string> {
  /** `before`: the service does not act. `after`: it acts, and its response is lost. */
  readonly when: 'before' | 'after';
  /** Default: any method. */
  readonly method?: Method;
  /** Default: any key. A table's key is `partitionKey/rowKey` (of a transaction: of any change), a queue's the JSON of its message. */
  readonly key?: string | RegExp;
  /** Matching calls to let through first. Default: 0. */
  readonly skip?: number;
  /** Matching calls that fail. Default: 1. */
  readonly times?: number;
}

/** How a test lets a fake of the storage fail. */
export interface Faulty<Method extends string> {
  injectFault(fault: Fault<Method>): void;
  /** While down, every call fails before the service acts. */
  setDown(isDown: boolean): void;
}

interface Faults<Method extends string> extends Faulty<Method> {
  run<T>(method: Method, keys: readonly string[], action: () => T | Promise<T>): Promise<T>;
}

export function createFaults<Method extends string>(): Faults<Method> {
  const faults: { fault: Fault<Method>; seen: number }[] = [];
  let isDown = false;

  /** Counts the call for every fault that it matches, and gives the first that is due. */
  function takeDue(method: Method, keys: readonly string[]): Fault<Method> | undefined {
    const due = faults
      .filter(({ fault }) => matches(fault, method, keys))
      .filter((each) => {
        const { skip = 0, times = 1 } = each.fault;
        each.seen++;
        return each.seen > skip && each.seen <= skip + times;
      });
    return due[0]?.fault;
  }

  return {
    injectFault(fault) {
      faults.push({ fault, seen: 0 });
    },
    setDown(down) {
      isDown = down;
    },
    async run(method, keys, action) {
      const when = isDown ? 'before' : takeDue(method, keys)?.when;
      if (when === 'before') throw unreachable();
      const result = await action();
      if (when === 'after') throw unreachable();
      return result;
    },
  };
}

function matches<Method extends string>(
  { method, key }: Fault<Method>,
  name: Method,
  keys: readonly string[],
): boolean {
  if (method !== undefined && method !== name) return false;
  return key === undefined || keys.some((each) => (typeof key === 'string' ? each === key : key.test(each)));
}

const unreachable = (): UpstreamError =>
  new UpstreamError('The storage is down.', {
    service: 'storage',
    failure: 'connection',
    code: 'ECONNRESET',
  });

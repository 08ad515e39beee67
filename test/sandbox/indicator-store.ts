import { toWireInstant } from './data/wire-instant.ts';

/** What Defender for Endpoint looks for in one tenant. */
export interface Indicator {
  readonly id: string;
  readonly indicatorValue: string;
  readonly indicatorType: string;
  readonly action: string;
  /** The object id of the user, or the client id of the application, that submitted it. */
  readonly createdBy: string;
  readonly [member: string]: unknown;
}

/** One as it is submitted. */
interface NewIndicator extends Pick<Indicator, 'indicatorValue' | 'indicatorType' | 'action' | 'createdBy'> {
  readonly [member: string]: unknown;
}

/** The most active indicators that a tenant may have. */
export const indicatorCap = 15_000;

export type IndicatorStore = ReturnType<typeof createIndicatorStore>;

export function createIndicatorStore(now: () => number) {
  const byId = new Map<string, Indicator>();
  const idByValue = new Map<string, string>();
  let lastId = 990;

  return {
    all: (): readonly Indicator[] => [...byId.values()],
    get: (id: string): Indicator | undefined => byId.get(id),
    /** The new indicator, or the one of this value, changed; undefined where it is one too many. */
    upsert(given: NewIndicator): Indicator | undefined {
      const value = given.indicatorValue.toLowerCase();
      const known = idByValue.get(value);
      if (known === undefined && byId.size >= indicatorCap) return undefined;
      const id = known ?? String(++lastId);
      const creationTimeDateTimeUtc = byId.get(id)?.creationTimeDateTimeUtc ?? toWireInstant(now(), 7);
      const indicator = { ...given, id, creationTimeDateTimeUtc, lastUpdateTime: toWireInstant(now(), 7) };
      byId.set(id, indicator);
      idByValue.set(value, id);
      return indicator;
    },
    remove(id: string): void {
      idByValue.delete(byId.get(id)?.indicatorValue.toLowerCase() ?? '');
      byId.delete(id);
    },
  };
}

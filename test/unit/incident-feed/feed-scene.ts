import type { Defender } from '../../../shared/defender/defender.ts';
import type { IncidentWindow, WindowRange } from '../../../shared/defender/incident-window.ts';
import { toTicks } from '../../../shared/defender/ticks.ts';
import { createFeed } from '../../../shared/incident-feed/feed.ts';
import type { Observation } from '../../../shared/outbound/observation.ts';
import type { Table } from '../../../shared/storage/tables.ts';
import type { IncidentEvent, TenantEvent } from '../../../shared/webhooks/event.ts';
import { toIncidentEventType } from '../../../shared/webhooks/subscription.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeTable } from '../storage/fake-table.ts';
import { createFakeIncidents } from './fake-incidents.ts';

export const minuteMs = 60_000;
/** Too large for a row, also compressed. */
export const largeText = Array.from({ length: 110_000 }, (_, index) => (index * 2_654_435_761) % 4_294_967_296).join(
  '',
);

export const tenantId = '11111111-2222-4333-8444-555555555555';

const everything = { events: ['incident.created', 'incident.updated'] as const };

/** A tenant whose feed runs over storage in memory. Time passes only when the test says so. */
export function createFeedScene(
  order: 'created' | 'updated' | 'shuffled' = 'created',
  wrapTable = (table: Table): Table => table,
) {
  let at = Date.parse('2026-11-20T10:00:00.500Z');
  const activeSince = at;
  const now = () => at;
  const clock = { now, startTimer: () => () => {} };
  const incidents = createFakeIncidents(now, order);
  const table = createFakeTable();
  const blobs = createFakeBlobs(now);
  const events: IncidentEvent[] = [];
  const observations: Observation[] = [];
  const infos: string[] = [];
  const warnings: string[] = [];
  const calledAt: number[] = [];
  let answer = (_window: IncidentWindow, _range: WindowRange): void => {};
  let isPublishing = true;
  let unversioned: readonly string[] = [];
  let unversionedAt = 0n;
  const isUnversionedIn = ({ updatedFrom, updatedBefore = unversionedAt + 1n }: IncidentWindow) =>
    updatedFrom <= unversionedAt && unversionedAt < updatedBefore;
  const publishEvents = async (group: readonly TenantEvent[]) => {
    if (!isPublishing) throw new TypeError('The process dies');
    for (const event of group) if (event.type === 'incident') events.push(event);
    return group.length;
  };
  const openDefender = () =>
    ({
      incidents: {
        async readWindow(window: IncidentWindow, range: WindowRange) {
          calledAt.push(at);
          answer(window, range);
          const page = await incidents.readWindow(window, range);
          return isUnversionedIn(window) ? { ...page, unversioned, count: page.count + unversioned.length } : page;
        },
      },
    }) as unknown as Defender;
  const log = { info: (line: string) => infos.push(line), warn: (line: string) => warnings.push(line) };

  /** An instance of the app. Its clock may be ahead. */
  const startInstance = (aheadMs = 0) => {
    const feed = createFeed({
      table: wrapTable(table),
      blobs,
      clock: { ...clock, now: () => at + aheadMs },
      observe: (observation) => observations.push(observation),
      overlapMs: 10 * minuteMs,
      openDefender,
      publishEvents,
    });
    return (since = activeSince) => feed.run(tenantId, since, log);
  };
  const run = startInstance();

  return {
    incidents,
    table,
    blobs,
    events,
    observations,
    infos,
    warnings,
    calledAt,
    now,
    clock,
    log,
    startInstance,
    run,
    pass: (ms: number) => {
      at += ms;
    },
    /** Called before the service answers: it may throw, or change something. */
    setAnswer(next: typeof answer) {
      answer = next;
    },
    /** Ids of incidents that cannot be versioned, in every window that holds this time. */
    setUnversioned(ids: readonly string[]) {
      unversioned = ids;
      unversionedAt = toTicks(at);
    },
    setPublishing(next: boolean) {
      isPublishing = next;
    },
    stateLength: async () => JSON.stringify(await table.get(tenantId, 'checkpoint')).length,
    /** The published versions, in order. */
    names: () => events.map(({ incidentId, version }) => `${incidentId}@${version}`),
    /** Their types for a listener without filters. */
    types: () =>
      events.map((event) => {
        const type = toIncidentEventType(everything, event, { from: 0, to: event.sequence });
        return `${type} ${event.incidentId}`;
      }),
    async minute(minutes = 1) {
      for (let count = 0; count < minutes; count++) {
        at += minuteMs;
        await run();
      }
    },
  };
}

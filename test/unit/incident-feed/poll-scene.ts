import assert from 'node:assert/strict';
import { createIncidentPolls } from '../../../shared/incident-feed/incident-poll.ts';
import { createListeners } from '../../../shared/incident-feed/listeners.ts';
import { type PollState, parsePollState, writePollState } from '../../../shared/incident-feed/poll-state.ts';
import type { Table } from '../../../shared/storage/tables.ts';
import { createStateProtection } from '../../../shared/tokens/state-protection.ts';
import type { EventFilter } from '../../../shared/webhooks/subscription.ts';
import { createFeedScene, minuteMs, tenantId } from './feed-scene.ts';

export const both: EventFilter = { events: ['incident.created', 'incident.updated'] };
export const created: EventFilter = { events: ['incident.created'] };
const signer = createStateProtection(undefined);
export const dayMs = 24 * 60 * minuteMs;

/** A workflow that polls, with nothing but the text of the state to remember by, and a feed that runs while it does. */
export function createPollScene(filter: EventFilter, aheadMs = 0, wrapTable = (table: Table): Table => table) {
  const scene = createFeedScene('shuffled', wrapTable);
  const table = wrapTable(scene.table);
  const { blobs, clock, log, pass, startInstance } = scene;
  const clockAhead = { ...clock, now: () => clock.now() + aheadMs };
  const listeners = createListeners({ table, clock: clockAhead, subscriptions: { list: async () => [] } });
  const polls = createIncidentPolls({ table, blobs, listeners, clock: clockAhead });
  const runFeed = startInstance();
  const given: string[] = [];
  let text: string | undefined;

  async function pollOnce(state?: PollState): Promise<boolean> {
    const polled = await polls.poll({ tenantId, filter, state }, log);
    assert.ok(polled.incidents.length <= 1_000);
    for (const each of polled.incidents) {
      const { incidentId, lastUpdateTime } = JSON.parse(each);
      given.push(`${incidentId}@${lastUpdateTime}`);
    }
    text = await writePollState(signer, polled.state, 'binding');
    return polled.hasMore;
  }

  async function readState(): Promise<PollState> {
    return (await parsePollState(signer, text ?? '', 'binding')) ?? assert.fail('The state cannot be read');
  }

  return {
    ...scene,
    given,
    stateLength: () => text?.length ?? 0,
    start: async () => assert.equal(await pollOnce(), false),
    /** Polls until there is no more; returns how often. */
    async poll(): Promise<number> {
      for (let count = 1; ; count++) {
        const state = await readState();
        if (!(await pollOnce(state))) return count;
      }
    },
    /** Runs the feed as the timer does. */
    async minute(minutes = 1) {
      for (let count = 0; count < minutes; count++) {
        pass(minuteMs);
        const since = (await listeners.read()).activeSince(tenantId);
        if (since !== undefined) await runFeed(since);
      }
    },
    /** Makes the state point into the log of another storage account. */
    async spoil() {
      text = await writePollState(signer, { ...(await readState()), logId: 'other' }, 'binding');
    },
    /** Which versions of an incident were returned, the first one being 1. */
    versionsOf(incidentId: number): number[] {
      const all = scene.events.filter((event) => event.incidentId === incidentId).map(({ version }) => version);
      return given.flatMap((each) => {
        const [id, version = ''] = each.split('@');
        return Number(id) === incidentId ? [all.indexOf(version) + 1] : [];
      });
    },
  };
}

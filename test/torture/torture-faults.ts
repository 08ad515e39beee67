import type { CloudReply } from '../sandbox/exchange.ts';
import { breakConnection, loseAnswer, neverAnswer } from '../sandbox/faults.ts';
import type { StorageFate } from '../sandbox/storage/storage-account.ts';
import { rewriteInstant } from './torture-incidents.ts';
import type { TortureWorld } from './torture-world.ts';

/** All injected faults, with counters. */
export interface TortureFaults {
  readonly counts: Record<FaultName, number>;
  isUnreliable: boolean;
  isOutage: boolean;
  /** An incident whose every response fails. */
  poisonedId: number | undefined;
  /** Storage calls until an instance dies. */
  countdown: number;
}

type FaultName =
  | 'throttled'
  | 'failed'
  | 'broken'
  | 'endlessLinks'
  | 'storageFailures'
  | 'lostStorageResponses'
  | 'refusals'
  | 'lostReceiverResponses'
  | 'hangs'
  | 'kills'
  | 'deaths';

const junkRetryAfter = ['-43', 'soon', '1e20', '0.5', '20', '', 'Thu, 01 Jan 1970 00:00:00 GMT'] as const;

export function addTortureFaults(world: TortureWorld): TortureFaults {
  const { app, instances, random } = world;
  const faults: TortureFaults = {
    counts: {
      throttled: 0,
      failed: 0,
      broken: 0,
      endlessLinks: 0,
      storageFailures: 0,
      lostStorageResponses: 0,
      refusals: 0,
      lostReceiverResponses: 0,
      hangs: 0,
      kills: 0,
      deaths: 0,
    },
    isUnreliable: false,
    isOutage: false,
    poisonedId: undefined,
    countdown: Number.POSITIVE_INFINITY,
  };

  function endInstance(): void {
    const { host } = instances[random.integer(0, instances.length - 1)] ?? app;
    const isWholeInstance = random.chance(0.5);
    faults.counts[isWholeInstance ? 'deaths' : 'kills']++;
    // Not in the middle of the call that sets it off.
    setImmediate(() => (isWholeInstance ? host.die() : host.kill()));
  }

  app.storage.decide = (): StorageFate => {
    if (--faults.countdown === 0) endInstance();
    if (!faults.isUnreliable || !random.chance(0.02)) return 'answered';
    const fate = random.pick(['lost', 'lost', 'broken', 500, 503] as const);
    faults.counts[fate === 'lost' ? 'lostStorageResponses' : 'storageFailures']++;
    return fate;
  };
  addDefenderFaults(world, faults);
  addReceiverFaults(world, faults);
  return faults;
}

function addDefenderFaults({ cloud, random, tenants, time }: TortureWorld, faults: TortureFaults): void {
  const { counts } = faults;
  cloud.faults.add({
    service: 'defenderXdr',
    async effect(request, answer) {
      if (faults.isOutage) return { status: 503, headers: {}, body: '' };
      if (faults.isUnreliable && random.chance(0.05)) {
        counts.throttled++;
        return { status: 429, headers: { 'retry-after': random.pick(junkRetryAfter) }, body: '' };
      }
      if (faults.isUnreliable && random.chance(0.04)) {
        counts.failed++;
        return { status: 500, headers: {}, body: '' };
      }
      if (faults.isUnreliable && random.chance(0.03)) {
        counts.broken++;
        return breakConnection(request, answer);
      }
      // An incident changes while it is read.
      if (faults.isUnreliable && random.chance(0.2)) random.pick([tenants[0], tenants[1]] as const)?.update(time.now());
      const isEndless = faults.isUnreliable && random.chance(0.05);
      if (isEndless) counts.endlessLinks++;
      return rewrite(await answer(), faults.poisonedId, isEndless ? request.url : undefined);
    },
  });
}

/** A list with timestamps as other services write them and, where given, a link to itself. */
function rewrite(reply: CloudReply, poisonedId: number | undefined, link: string | undefined): CloudReply {
  if ('broken' in reply || reply.status !== 200) return reply;
  const list = JSON.parse(Buffer.from(reply.body).toString());
  if (!Array.isArray(list.value)) return reply;
  if (list.value.some(({ incidentId }: { incidentId: number }) => incidentId === poisonedId))
    return { status: 500, headers: {}, body: '' };
  for (const incident of list.value)
    incident.lastUpdateTime = rewriteInstant(incident.lastUpdateTime, incident.incidentId);
  return { ...reply, body: JSON.stringify({ ...list, ...(link !== undefined && { '@odata.nextLink': link }) }) };
}

/** Receivers by their path: `/steady`, `/flaky`, `/slow`, `/hanging`. */
function addReceiverFaults({ cloud, random, time }: TortureWorld, faults: TortureFaults): void {
  const { counts } = faults;
  cloud.faults.add({
    service: 'webhookReceiver',
    match: ({ url }) => faults.isUnreliable && url.endsWith('/hanging'),
    effect(...call) {
      counts.hangs++;
      return neverAnswer(...call);
    },
  });
  cloud.faults.add({
    service: 'webhookReceiver',
    match: ({ url }) => faults.isUnreliable && url.endsWith('/slow'),
    async effect(_request, answer) {
      // It has the message at once: the sender may die while it waits for the response.
      const reply = await answer();
      await time.hostClock.sleepUntil(time.now() + 12_000, new AbortController().signal);
      return reply;
    },
  });
  cloud.faults.add({
    service: 'webhookReceiver',
    match: ({ url }) => faults.isUnreliable && url.endsWith('/flaky') && random.chance(0.5),
    effect(request, answer) {
      counts.refusals++;
      if (random.chance(0.7)) {
        const headers = { 'retry-after': random.pick(junkRetryAfter) };
        return { status: random.pick([500, 404, 302, 429] as const), headers, body: '' };
      }
      if (random.chance(0.5)) return breakConnection(request, answer);
      counts.lostReceiverResponses++;
      return loseAnswer(request, answer);
    },
  });
}

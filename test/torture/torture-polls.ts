import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import { type TortureIncidents, toVersion } from './torture-incidents.ts';
import type { TortureWorld } from './torture-world.ts';

/** A workflow that polls one tenant, on either instance. */
export interface Poller {
  /** Polls until the reply is 202. After a failure, the next call polls the same URL. */
  poll(): Promise<void>;
  /** Asserts that every incident of its tenant was returned, and no other. Returns the number of repeated versions. */
  assertComplete(startedAt: number): number;
}

const replySchema = z.object({ value: z.array(z.object({ incidentId: z.number(), lastUpdateTime: z.string() })) });

export function createPoller({ instances, random, run }: TortureWorld, tenant: TortureIncidents): Poller {
  const { tenantId } = tenant;
  const events = 'incident.created,incident.updated';
  let target = `/triggers/incidents?${new URLSearchParams({ events, tenantId })}` as const;
  const returned: string[] = [];

  /** Returns whether there is more. */
  async function pollOnce(): Promise<boolean> {
    const instance = instances[random.integer(0, instances.length - 1)] ?? assert.fail('There is no instance');
    const reply = await run(instance.call(`GET ${target}`));
    const { pathname, search } = new URL(reply.headers.get('location') ?? '');
    for (const { incidentId, lastUpdateTime } of replySchema.parse(reply.json).value) {
      assert.ok(tenant.isOwn(incidentId), `Incident ${incidentId} for a poll of ${tenantId}`);
      returned.push(`${incidentId}@${toVersion(lastUpdateTime)}`);
    }
    target = `${pathname.replace('/api', '') as '/triggers/incidents'}?${search.slice(1)}`;
    return reply.headers.get('retry-after') === '1';
  }

  return {
    async poll() {
      try {
        while (await pollOnce()) {
          // Until the reply is 202.
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
      }
    },
    assertComplete(startedAt) {
      const versions = new Set(returned);
      const lost = tenant.latestAfter(startedAt).filter((each) => !versions.has(`${each.incidentId}@${each.version}`));
      assert.deepEqual(lost, [], `Lost on the way to a poll of ${tenantId}`);
      return returned.length - versions.size;
    },
  };
}

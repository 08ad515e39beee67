import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import type { ReceivedMessage } from '../sandbox/webhook-receiver.ts';
import { type TortureIncidents, toVersion, type Version } from './torture-incidents.ts';

export interface Subscriber {
  readonly name: string;
  readonly url: string;
  readonly secret: string;
  readonly tenants: readonly TortureIncidents[];
}

interface Received extends Version {
  readonly webhookId: string;
  readonly type: string;
  readonly tenantId: string;
}

const eventSchema = z.object({
  type: z.string(),
  tenantId: z.string(),
  data: z.object({ incidentId: z.number(), lastUpdateTime: z.string() }),
});

/** Messages of one subscriber, in order of arrival. Throws for a wrong signature. */
export function readMessages(received: readonly ReceivedMessage[], { url, secret }: Subscriber): Received[] {
  return received
    .filter((message) => message.url === url)
    .map((message) => {
      const { type, tenantId, data } = eventSchema.parse(message.verify(secret));
      const version = toVersion(data.lastUpdateTime);
      return { webhookId: message.webhookId, type, tenantId, incidentId: data.incidentId, version };
    });
}

/**
 * Asserts that a subscriber has the latest version of every incident, each version under one webhook-id, of its own tenants
 * only and in order. Returns the number of repeated deliveries.
 */
export function assertDelivered(subscriber: Subscriber, messages: readonly Received[], subscribedAt: number): number {
  const versions = new Set(messages.map(({ incidentId, version }) => `${incidentId}@${version}`));
  for (const tenant of subscriber.tenants) {
    const lost = tenant.latestAfter(subscribedAt).filter((each) => !versions.has(`${each.incidentId}@${each.version}`));
    assert.deepEqual(lost, [], `Lost on the way to ${subscriber.name}`);
  }
  for (const { tenantId, incidentId } of messages) {
    const owner = subscriber.tenants.find((tenant) => tenant.tenantId === tenantId);
    assert.ok(owner?.isOwn(incidentId), `Incident ${incidentId} of ${tenantId} for ${subscriber.name}`);
  }
  const webhookIds = new Set(messages.map(({ webhookId }) => webhookId));
  assert.equal(webhookIds.size, versions.size, `A version has one webhook-id for ${subscriber.name}`);
  assertOrder(subscriber.name, messages);
  return messages.length - webhookIds.size;
}

/** Asserts that each version follows the one before, and that the first event of an incident is its creation. */
function assertOrder(name: string, messages: readonly Received[]): void {
  const latest = new Map<number, string>();
  const seen = new Set<string>();
  const created = new Set<number>();
  for (const { webhookId, type, incidentId, version } of messages) {
    if (seen.has(webhookId)) continue;
    seen.add(webhookId);
    assert.ok((latest.get(incidentId) ?? '') < version, `Incident ${incidentId} in order for ${name}`);
    latest.set(incidentId, version);
    if (type === 'incident.created') assert.ok(!created.has(incidentId), `Incident ${incidentId} is created once`);
    else assert.ok(created.has(incidentId), `Incident ${incidentId} is created before it is updated`);
    created.add(incidentId);
  }
}

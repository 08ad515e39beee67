import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import type { Incident } from '../sandbox/incident.ts';
import type { TestApp } from './test-app.ts';

/** As those of Logic Apps, which hold what authorizes the call. */
export const callbackUrl = 'https://prod-01.westeurope.logic.azure.com/workflows/1?sig=very-secret';

const subscriptionSchema = z.looseObject({ id: z._default(z.string(), ''), signingSecret: z.optional(z.string()) });
const eventSchema = z.object({
  type: z.string(),
  tenantId: z.string(),
  timestamp: z.string(),
  data: z.looseObject({ incidentId: z.number(), status: z.string() }),
});

/** What tests do about subscriptions: subscribe, let incidents happen, and read what arrives. */
export function subscriber({ call, cloud, host }: TestApp) {
  const store = cloud.securityOf(cloud.world.home.id).incidents;
  let nextId = 5_000_000;

  return {
    async subscribe(body: object = {}, headers: Record<string, string> = {}) {
      const reply = await call('POST /subscriptions', { json: { callbackUrl, ...body }, headers });
      const { id, signingSecret = '' } = subscriptionSchema.parse(reply.json);
      return { reply, id, signingSecret };
    },
    /** Something happens in the home tenant. */
    addIncident(changes: Partial<Incident> = {}): number {
      const [template] = store.all();
      assert.ok(template);
      const now = new Date(cloud.now()).toISOString();
      const incidentId = ++nextId;
      const common = { createdTime: now, lastUpdateTime: now, severity: 'Medium', status: 'Active' };
      store.add({ ...template, ...common, ...changes, incidentId });
      return incidentId;
    },
    updateIncident: (incidentId: number, changes: Partial<Incident>) => store.update(incidentId, changes),
    /** Runs the feed and delivers all events that are due. */
    async sync(): Promise<void> {
      await host.runFunction('syncIncidents');
      await host.drainQueues();
    },
    /** What arrived at an address since the last time. */
    take(url = callbackUrl) {
      const messages = cloud.received.filter((each) => each.url === url);
      const rest = cloud.received.filter((each) => each.url !== url);
      cloud.received.splice(0, cloud.received.length, ...rest);
      return messages.map((message) => ({ ...message, ...eventSchema.parse(JSON.parse(message.body)) }));
    },
    status: async (id: string) => (await call(`GET /subscriptions/${id}`)).json,
  };
}

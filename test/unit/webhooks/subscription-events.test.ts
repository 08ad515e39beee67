import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IncidentEvent } from '../../../shared/webhooks/event.ts';
import type { Subscription } from '../../../shared/webhooks/subscription.ts';
import { toSubscriptionEvents } from '../../../shared/webhooks/subscription-events.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const subscriptionOf = (id: string, changes: Partial<Subscription> = {}): Subscription => ({
  id,
  events: ['incident.created', 'incident.updated'],
  tenantIds: ['*'],
  createdAt: 0,
  createdBy: 'key',
  ...changes,
});

/** Versions of incident 1 that were published one after the other. */
function createVersions() {
  let sequence = 0;
  const earlier: IncidentEvent['earlier'][number][] = [];
  return (severity: string, tenantId = 'a'): IncidentEvent => {
    const position = { sequence: ++sequence, updatedAt: sequence };
    const event = {
      ...{
        type: 'incident' as const,
        tenantId,
        timestamp: '',
        subject: 'incident/1',
        version: `v${sequence}`,
        data: '{}',
      },
      ...{ incidentId: 1, severity, status: 'Active', sequence, earlier: [...earlier] },
    };
    earlier.push({ severity, status: 'Active', first: position, last: position });
    return event;
  };
}

describe('the events of a subscription', () => {
  it('include created once per incident: the first time that it matches', async () => {
    const table = createFakeTable();
    const next = createVersions();
    const high = subscriptionOf('1', { minimumSeverity: 'High' });
    const types: (string | undefined)[] = [];
    for (const severity of ['Medium', 'High', 'Low', 'High'])
      types.push((await toSubscriptionEvents(table, high, [next(severity)]))[0]?.type);
    assert.deepEqual(types, [undefined, 'incident.created', undefined, 'incident.updated']);
  });

  it('include created for a subscription that came after the first version', async () => {
    const table = createFakeTable();
    const next = createVersions();
    await toSubscriptionEvents(table, subscriptionOf('1'), [next('High')]);
    const second = subscriptionOf('2', { events: ['incident.created'] });
    assert.equal((await toSubscriptionEvents(table, second, [next('High')])).length, 1);
    assert.equal((await toSubscriptionEvents(table, second, [next('High')])).length, 0);
  });

  it('stay the same when they are published again, also after a lost response', async () => {
    const table = createFakeTable();
    const event = createVersions()('High');
    table.injectFault({ when: 'after', method: 'insert' });
    await assert.rejects(toSubscriptionEvents(table, subscriptionOf('1'), [event]));
    for (let times = 0; times < 2; times++) {
      const [first] = await toSubscriptionEvents(table, subscriptionOf('1'), [event]);
      assert.equal(first?.type, 'incident.created');
    }
  });

  it('tell tenants apart', async () => {
    const table = createFakeTable();
    const [ofA, ofB] = [createVersions(), createVersions()];
    await toSubscriptionEvents(table, subscriptionOf('1'), [ofA('High'), ofA('High')]);
    const events = await toSubscriptionEvents(table, subscriptionOf('1'), [ofA('High'), ofB('High', 'b')]);
    assert.deepEqual(
      events.map(({ tenantId, type }) => `${tenantId} ${type}`),
      ['a incident.updated', 'b incident.created'],
    );
  });
});

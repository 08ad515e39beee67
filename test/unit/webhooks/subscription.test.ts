import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Publication } from '../../../shared/webhooks/event.ts';
import { isWanted, toIncidentEventType } from '../../../shared/webhooks/subscription.ts';

const both = { events: ['incident.created', 'incident.updated'] as const };
const high = { ...both, minimumSeverity: 'High' };

const published = (severity: string, first: number, last = first, status = 'Active'): Publication => ({
  severity,
  status,
  first: { sequence: first, updatedAt: first },
  last: { sequence: last, updatedAt: last },
});

/** What a version is for a listener that was offered a range. */
function typeOf(
  filter: Parameters<typeof toIncidentEventType>[0],
  severity: string,
  earlier: Publication[],
  from = 1,
  to = 100,
) {
  return toIncidentEventType(filter, { severity, status: 'Active', earlier }, { from, to });
}

describe('toIncidentEventType', () => {
  it('returns created for the first version that matches the filters, and updated from then on', () => {
    assert.equal(typeOf(high, 'Medium', []), undefined);
    assert.equal(typeOf(high, 'High', [published('Medium', 3)]), 'incident.created');
    assert.equal(typeOf(high, 'High', [published('Medium', 3), published('High', 4)]), 'incident.updated');
  });

  it('returns updated for an incident that left the filters and matches again', () => {
    const filter = { ...both, status: ['Active'] };
    assert.equal(
      typeOf(filter, 'High', [published('High', 3), published('High', 4, 4, 'Resolved')]),
      'incident.updated',
    );
  });

  it('counts only the versions that the listener was offered', () => {
    assert.equal(typeOf(both, 'High', [published('High', 3)], 4), 'incident.created');
    assert.equal(typeOf(both, 'High', [published('High', 3, 5)], 4), 'incident.updated');
    assert.equal(typeOf(both, 'High', [published('High', 9)], 4, 8), 'incident.created');
  });

  it('does not count versions from before the listener began', () => {
    const version = { severity: 'High', status: 'Active', earlier: [published('High', 5)] };
    for (const [updatedSince, expected] of [
      [5, 'incident.updated'],
      [6, 'incident.created'],
    ] as const)
      assert.equal(toIncidentEventType(both, version, { from: 1, to: 9, updatedSince }), expected);
  });

  it('returns created if the range cannot tell: repeated, never lost', () => {
    assert.equal(typeOf(both, 'High', [published('High', 3, 12)], 4, 8), 'incident.created');
  });

  it('returns undefined for a type that the listener does not want', () => {
    assert.equal(typeOf({ events: ['incident.created'] }, 'High', [published('High', 3)]), undefined);
    assert.equal(typeOf({ events: ['incident.updated'] }, 'High', []), undefined);
  });

  it('lets an unknown severity pass', () => {
    assert.equal(typeOf(high, 'Critical', []), 'incident.created');
  });
});

describe('a subscription', () => {
  const base = { tenantId: 'a', timestamp: '', subject: '', version: '', data: '{}' };
  const subscription = { callbackUrl: '', events: ['hunt.results' as const], tenantIds: ['a'] };

  it('wants the events of its types and tenants', () => {
    assert.equal(isWanted(subscription, { ...base, type: 'hunt.results' }), true);
    assert.equal(isWanted(subscription, { ...base, type: 'hunt.results', tenantId: 'b' }), false);
    assert.equal(
      isWanted({ ...subscription, tenantIds: ['*'] }, { ...base, type: 'hunt.results', tenantId: 'b' }),
      true,
    );
    assert.equal(isWanted(subscription, { ...base, type: 'incident', incidentId: 1, sequence: 1, earlier: [] }), false);
  });
});

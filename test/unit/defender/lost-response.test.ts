import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { IncidentUpdate } from '../../../shared/defender/incidents.ts';
import { wasApplied } from '../../../shared/defender/lost-response.ts';

const since = Date.parse('2026-11-20T12:00:00Z');

describe('wasApplied for an update without a comment', () => {
  test('returns true when all its members have the values sent', () => {
    const incident = { status: 'Resolved', tags: ['a', 'b'], assignedTo: null, severity: 'High' };
    const made = (update: IncidentUpdate) => wasApplied(update, incident, since);
    assert.equal(made({ status: 'Resolved', tags: ['a', 'b'], assignedTo: '' }), true);
    assert.equal(made({ status: 'Resolved', determination: undefined }), true);
    assert.equal(made({ status: 'Resolved', tags: ['b', 'a'] }), false);
    assert.equal(made({ assignedTo: 'soc@contoso.com' }), false);
  });
});

describe('wasApplied for an update with a comment', () => {
  const update = { comment: 'Seen.', status: 'Resolved' };
  const made = (comments: unknown) => wasApplied(update, { comments }, since);

  test('returns true when the comment exists, regardless of the other members', () => {
    assert.equal(made([{ comment: 'Seen.', createdTime: '2026-11-20T12:00:01.1234567Z' }]), true);
    assert.equal(made([{ comment: 'Seen.', createdDateTime: '2026-11-20T12:00:01Z' }]), true);
    assert.equal(made([{ comment: 'Seen.' }]), true);
  });

  test('reads timestamps without a zone as UTC and with any offset', () => {
    for (const time of ['2026-11-20T12:00:01', '2026-11-20T14:00:01+02:00']) {
      assert.equal(made([{ comment: 'Seen.', createdTime: time }]), true);
    }
    assert.equal(made([{ comment: 'Seen.', createdTime: '2026-11-20T13:00:01+02:00' }]), false);
  });

  test('ignores malformed comments', () => {
    assert.equal(made([null, 'Seen.', { comment: 'Seen.', createdTime: '2026-11-20T12:00:01Z' }]), true);
  });

  test('tolerates a clock of Defender that is minutes behind', () => {
    assert.equal(made([{ comment: 'Seen.', createdTime: '2026-11-20T11:55:00Z' }]), true);
  });

  test('returns false for another comment or an older one with the same text', () => {
    assert.equal(made([{ comment: 'Seen', createdTime: '2026-11-20T12:00:01Z' }]), false);
    assert.equal(made([{ comment: 'Seen.', createdTime: '2026-11-20T11:54:59Z' }]), false);
    for (const none of [[], null, undefined, 'Seen.']) assert.equal(made(none), false);
  });
});

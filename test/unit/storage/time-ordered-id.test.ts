import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTimeOrderedId, toGuid, toIdPrefix } from '../../../shared/storage/time-ordered-id.ts';

test('a time-ordered id is a UUID of version 7 and sorts by its instant', () => {
  const at = Date.parse('2026-11-20T12:00:00Z');
  const id = createTimeOrderedId(at);
  assert.match(toGuid(id), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(createTimeOrderedId(at), id);
  assert.ok(createTimeOrderedId(at - 1) < id && id < createTimeOrderedId(at + 1));
  assert.ok(toIdPrefix(at) < id && id < toIdPrefix(at + 1));
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { packMembers, unpackMembers } from '../../../shared/storage/packed-members.ts';

const keys = { partitionKey: 'p', rowKey: 'r' };

describe('packed members', () => {
  it('return the text that was packed', () => {
    for (const text of ['', 'Zoë', randomBytes(150_000).toString('hex'), 'x'.repeat(2_000_000)])
      assert.equal(unpackMembers({ ...keys, ...packMembers(text) }), text);
  });

  it('are refused for text that does not fit into an entity', () => {
    assert.equal(packMembers(randomBytes(400_000).toString('base64')), undefined);
  });

  it('are refused by size alone for large text, however well it compresses', () => {
    assert.equal(packMembers('x'.repeat(2_000_001)), undefined);
  });

  it('are absent when damaged', () => {
    const [first] = Object.entries(packMembers('text') ?? {});
    assert.ok(first);
    for (const text0 of ['', 'junk', first[1].slice(0, 8)]) assert.equal(unpackMembers({ ...keys, text0 }), undefined);
    assert.equal(unpackMembers(keys), undefined);
    assert.equal(unpackMembers(undefined), undefined);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PollState, parsePollState, writePollState } from '../../../shared/incident-feed/poll-state.ts';

const state: PollState = { logId: 'log', from: 3, to: 9, startedAt: 1, issuedAt: 2 };

describe('the state of a poll', () => {
  it('is short and comes back as it was', () => {
    const text = writePollState(state, 'a');
    assert.ok(text.length < 200);
    assert.deepEqual(parsePollState(text, 'a'), state);
  });

  it('is valid for the tenant and the parameters that it was issued for only', () => {
    assert.equal(parsePollState(writePollState(state, 'a'), 'b'), undefined);
  });

  it('is invalid with any character changed, added or missing', () => {
    const text = writePollState(state, 'a');
    for (let index = 0; index < text.length; index++) {
      const changed = text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
      assert.equal(parsePollState(changed, 'a'), undefined);
    }
    for (const other of ['', 'x', '.', text.slice(1), `${text}A`, `${text}.x`, 'ä'])
      assert.equal(parsePollState(other, 'a'), undefined);
  });
});

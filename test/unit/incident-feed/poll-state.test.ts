import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PollState, parsePollState, writePollState } from '../../../shared/incident-feed/poll-state.ts';
import { createStateProtection } from '../../../shared/tokens/state-protection.ts';

const state: PollState = { logId: 'log', from: 3, to: 9, startedAt: 1, issuedAt: 2 };

const signer = createStateProtection(undefined);

describe('the state of a poll', () => {
  it('survives a round trip and stays short', async () => {
    const text = await writePollState(signer, state, 'a');
    assert.ok(text.length < 200);
    assert.deepEqual(await parsePollState(signer, text, 'a'), state);
  });

  it('works only for the tenant and the parameters that it was issued for', async () => {
    const text = await writePollState(signer, state, 'a');
    assert.equal(await parsePollState(signer, text, 'b'), undefined);
  });

  it('fails with any character changed, added or missing', async () => {
    const text = await writePollState(signer, state, 'a');
    for (let index = 0; index < text.length; index++) {
      const changed = text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
      assert.equal(await parsePollState(signer, changed, 'a'), undefined);
    }
    for (const other of ['', 'x', '.', text.slice(1), `${text}A`, `${text}.x`, 'ä'])
      assert.equal(await parsePollState(signer, other, 'a'), undefined);
  });
});

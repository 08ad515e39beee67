import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBannedPhrases } from '../language/banned-phrases.ts';

const samples: readonly (readonly [old: string, replacement: string])[] = [
  ['No token can be had', 'Could not acquire an access token'],
  ['The credential does not serve this context', 'Operation not supported with the configured credential'],
  ['is not known here', 'unknown parameter'],
  ['must be NCRONTAB that comes to a run', 'must be a valid NCRONTAB expression with a future occurrence'],
  ['By what people know it', 'Display name'],
  ['Machines that report like this', 'Filter by sensor health status'],
  ['When it ends; never without it', 'Expiration time. Omit for no expiration.'],
  [
    'Incidents are not looked for: there is no storage.',
    'Incident feed disabled: AzureWebJobsStorage is not configured.',
  ],
  ['3 of 9 tenants cannot be looked at', 'Failed to enqueue 3 of 9 tenants'],
  [
    'What was updated in tenant 1 cannot be read whole (try 2): it is set aside',
    'Tenant 1: window 1–2 failed (attempt 2); quarantined, will retry',
  ],
  ['As whom it asks', 'Authentication contexts'],
  ['Watching it cope', 'Fault injection'],
  ['Ask it how it is', 'Verify the deployment'],
  [
    'Where somebody is at it already, that one is told that there is more.',
    'If another instance holds the lease, it is flagged to run again.',
  ],
  [
    'Hands on what somebody before us meant to, and did not come to.',
    'Publishes outbox rows left behind by a crashed run.',
  ],
  ['of which a random half is taken off', 'with up to 50 % jitter'],
  ['What is only told again is told to nobody.', 'Replayed responses are not audited.'],
  ['A caller who means to be anybody', 'A caller that claims an identity'],
  ['The outcome of whoever asked first', 'The outcome of the first request'],
  ['What came of it is kept', 'The response is stored'],
  ['of its own accord', 'automatically'],
  ['Undefined when it is none.', 'Undefined for other values.'],
  ['It has the incidents\n * looked at', 'Enqueues one message per tenant'],
  ["test('that is not there is 404 NotFound', run)", "test('returns 404 NotFound for an unknown incident', run)"],
  ['/** Of a user only the end is seen to. */', "/** Only the expiry of a user's token is checked. */"],
  ['const uncertainSince = 1;', 'const previousAttemptAt = 1;'],
  ['const mostEvents = 1;', 'const maxEvents = 1;'],
];

describe('findBannedPhrases', () => {
  for (const [old, replacement] of samples) {
    it(`rejects "${old.replaceAll('\n', ' ')}"`, () => assert.notDeepEqual(findBannedPhrases(old), []));
    it(`accepts "${replacement}"`, () => assert.deepEqual(findBannedPhrases(replacement), []));
  }

  it('reports the line and the phrase', () => {
    assert.match(findBannedPhrases('one\ntwo\nnobody knows')[0] ?? '', /^3: "nobody"/);
  });

  it('accepts questions and other words that begin alike', () => {
    assert.deepEqual(findBannedPhrases("title: 'What is covered?', asked for a token: handset, almost, mostly"), []);
  });
});

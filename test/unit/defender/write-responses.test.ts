import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Defender } from '../../../shared/defender/defender.ts';
import type { ScriptedReply } from '../fake-http-client.ts';
import { openDefender } from './open-client.ts';

const machineId = 'a'.repeat(40);
const indicator = {
  indicatorValue: '198.51.100.7',
  indicatorType: 'IpAddress',
  action: 'Block',
  title: 'x',
  description: 'x',
};
const action = { id: 'a-2', type: 'Isolate', requestorComment: 'x', creationDateTimeUtc: '2026-11-20T12:00:01Z' };
const olderAction = { ...action, id: 'a-1', creationDateTimeUtc: '2026-11-20T11:59:00Z' };

interface Write {
  act: (defender: Defender) => Promise<unknown>;
  /** Responses to the requests that read the result. */
  reads: ScriptedReply[];
  /** Method and path of the requests after the write. */
  sent: string[];
  id: unknown;
}

const writes: Record<string, Write> = {
  'incident update': {
    act: async ({ incidents }) => JSON.parse(await incidents.update(7, { status: 'Resolved' })).incidentId,
    reads: [{ body: { incidentId: 7 } }],
    sent: ['GET /api/incidents/7'],
    id: 7,
  },
  'alert update': {
    act: async ({ alerts }) => JSON.parse(await alerts.update('a', { status: 'Resolved' })).id,
    reads: [{ body: { id: 'a' } }],
    sent: ['GET /v1.0/security/alerts_v2/a'],
    id: 'a',
  },
  'machine action': {
    act: async ({ machineActions }) => (await machineActions.start(machineId, { type: 'isolate', comment: 'x' })).id,
    reads: [{ body: { value: [olderAction, action, { ...action, id: 'a-3', type: 'Offboard' }] } }],
    sent: ['GET /api/machineactions'],
    id: 'a-2',
  },
  'indicator submission': {
    act: async ({ indicators }) => JSON.parse(await indicators.submit(indicator)).id,
    reads: [{ body: { value: [{ ...indicator, id: '5' }] } }],
    sent: ['GET /api/indicators'],
    id: '5',
  },
};

const responses: readonly [string, ScriptedReply][] = [
  ['204', { status: 204 }],
  ['202 without a body', { status: 202 }],
  ['200 without a body', { status: 200 }],
  ['200 with other JSON', { status: 200, body: { result: 'ok' } }],
  ['200 with a list', { status: 200, body: [] }],
  ['201 with text', { status: 201, body: 'Created' }],
];

for (const [name, { act, reads, sent, id }] of Object.entries(writes)) {
  describe(`response to an ${name}`.replace('an machine', 'a machine'), () => {
    for (const [response, reply] of responses) {
      test(`counts as success and the entity is read: ${response}`, async () => {
        const { defender, httpClient, clock } = openDefender({ script: [reply, ...reads] });
        assert.equal(await clock.runUntil(act(defender)), id);
        const requests = httpClient.requests.map(({ method, url }) => `${method} ${url.pathname}`);
        assert.deepEqual(requests.slice(1), sent);
      });
    }

    test('reports that the change was applied when the entity cannot be read', async () => {
      for (const failure of [{ status: 403 }, { status: 429, headers: { 'retry-after': '60' } }, { body: 'x' }]) {
        const { defender, clock } = openDefender({ script: [{ status: 204 }, failure] });
        const error = { name: 'UpstreamError', failure: 'malformed', message: /^The change was applied, but / };
        await assert.rejects(clock.runUntil(act(defender)), error);
      }
    });
  });
}

describe('comment of an alert', () => {
  const update = { status: 'Resolved', comment: 'Done' };
  const send = async (...script: ScriptedReply[]) => {
    const { defender, httpClient, clock } = openDefender({ script });
    const alert = JSON.parse(await clock.runUntil(defender.alerts.update('a', update)));
    return { alert, methods: httpClient.requests.map(({ method }) => method) };
  };
  const comments = [{ comment: 'Done' }];

  for (const [response, reply] of responses) {
    test(`is sent after an update answered with ${response}`, async () => {
      const { alert, methods } = await send(reply, { body: { value: comments } }, { body: { id: 'a', comments } });
      assert.deepEqual(methods, ['PATCH', 'POST', 'GET']);
      assert.deepEqual(alert, { id: 'a', comments });
    });

    if (response === '200 with a list') continue;
    test(`counts as added when answered with ${response}`, async () => {
      const { alert, methods } = await send({ body: { id: 'a' } }, reply, { body: { id: 'a', comments } });
      assert.deepEqual(methods, ['PATCH', 'POST', 'GET']);
      assert.deepEqual(alert, { id: 'a', comments });
    });
  }
});

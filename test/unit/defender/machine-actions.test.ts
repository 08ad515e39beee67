import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { machineActionTypes } from '../../../shared/settings.ts';
import type { ScriptedReply } from '../fake-http-client.ts';
import { openDefender } from './open-client.ts';

const machineId = 'a'.repeat(40);
const actionId = '11111111-2222-4333-8444-555555555555';
const begun = { id: actionId, type: 'Isolate', status: 'Pending' };
const refused = (status: number, message: string): ScriptedReply => ({
  status,
  body: { error: { code: 'BadRequest', message, target: 'r-1' } },
});

describe('start of a machine action', () => {
  test('accepts 201 and 200', async () => {
    for (const status of [200, 201]) {
      const { defender } = openDefender({ script: [{ status, body: begun }] });
      const { id, isRunning } = await defender.machineActions.start(machineId, { type: 'offboard', comment: 'x' });
      assert.deepEqual([id, isRunning], [actionId, true]);
    }
  });

  test('sends nothing for a type that is not allowed', async () => {
    for (const type of machineActionTypes) {
      const machineActions = machineActionTypes.filter((allowed) => allowed !== type);
      const { defender, httpClient, scopes } = openDefender({ machineActions });
      await assert.rejects(defender.machineActions.start(machineId, { type, comment: 'x' }), {
        status: 403,
        code: 'ActionNotAllowed',
      });
      assert.equal(httpClient.requests.length + scopes.length, 0);
    }
  });

  test("returns 409 when the action is in progress, otherwise 400 with Defender's message", async () => {
    for (const [message, status, code] of [
      ['Action is already in progress', 409, 'ActionAlreadyRunning'],
      ['An action is already running on this machine.', 409, 'ActionAlreadyRunning'],
      ['The machine is not active.', 400, 'RejectedByDefender'],
    ] as const) {
      const { defender, httpClient } = openDefender({ script: [refused(400, message)] });
      const starting = defender.machineActions.start(machineId, { type: 'isolate', comment: 'x' });
      await assert.rejects(starting, { name: 'RequestError', status, code });
      assert.equal(httpClient.requests.length, 1);
    }
  });

  for (const status of [408, 500, 503]) {
    test(`does not retry after ${status}`, async () => {
      const { defender, httpClient, clock } = openDefender({ script: [refused(status, 'No.')] });
      const starting = defender.machineActions.start(machineId, { type: 'isolate', comment: 'x' });
      await assert.rejects(clock.runUntil(starting));
      assert.equal(httpClient.requests.length, 1);
    });
  }
});

describe('machine action', () => {
  const read = async (body: object) => {
    const { defender } = openDefender({ script: [{ body }] });
    const { text, isRunning } = await defender.machineActions.get(actionId);
    return { action: JSON.parse(text), isRunning };
  };

  test('counts as running while Pending or InProgress, in any case', async () => {
    for (const [status, canonical, isRunning] of [
      ['pending', 'Pending', true],
      ['InProgress', 'InProgress', true],
      ['Succeeded', 'Succeeded', false],
      ['timeout', 'TimeOut', false],
      ['Paused', 'Paused', false],
    ]) {
      const found = await read({ ...begun, status });
      assert.deepEqual([found.action.status, found.isRunning], [canonical, isRunning]);
    }
  });

  test('renames lastUpdateTimeUtc', async () => {
    const at = '2026-11-20T09:30:00Z';
    const expected = { ...begun, lastUpdateDateTimeUtc: at };
    assert.deepEqual((await read({ ...begun, lastUpdateTimeUtc: at })).action, expected);
    assert.deepEqual((await read({ ...begun, lastUpdateDateTimeUtc: at, lastUpdateTimeUtc: 'x' })).action, expected);
  });
});

describe('investigation package', () => {
  const readValue = async (value: unknown) => {
    const { defender } = openDefender({ script: [{ body: { value } }] });
    return defender.machineActions.getPackage(actionId);
  };

  test("has the URL without Defender's quotes", async () => {
    const uri = 'https://forensics.example/a.zip?sig=x%3D&se=2026-11-20T09%3A30%3A00Z';
    for (const value of [uri, `"${uri}"`]) {
      assert.deepEqual(await readValue(value), { uri, expires: '2026-11-20T09:30:00Z' });
    }
  });

  test('has no expiration time when the URL has none', async () => {
    const uri = 'https://forensics.example/a.zip';
    assert.deepEqual(await readValue(`"${uri}"`), { uri });
    assert.deepEqual(await readValue(`"${uri}?se=soon"`), { uri: `${uri}?se=soon` });
  });

  test('fails as malformed without an https URL, which the error does not quote', async () => {
    for (const value of ['"http://forensics.example/a.zip?sig=s3cret"', '""', 7, null]) {
      await assert.rejects(readValue(value), ({ message, failure }: Error & { failure?: string }) => {
        assert.equal(failure, 'malformed');
        assert.doesNotMatch(message, /s3cret/);
        return true;
      });
    }
  });
});

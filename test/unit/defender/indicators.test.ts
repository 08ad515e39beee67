import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDefender } from './open-client.ts';

const indicator = {
  indicatorValue: 'a.example',
  indicatorType: 'DomainName',
  action: 'Warn',
  title: 'x',
  description: 'x',
};
const refused = (status: number, message: string) => ({ status, body: { error: { code: 'InvalidInput', message } } });

test('list filters by quoted members', async () => {
  const { defender, httpClient } = openDefender({ script: [{ body: { value: [] } }] });
  await defender.indicators.list({ indicatorType: ['Url'], indicatorValue: "o'x", action: ['Warn', 'Block'], top: 1 });
  assert.equal(
    httpClient.requests[0]?.url.searchParams.get('$filter'),
    "indicatorType eq 'Url' and indicatorValue eq 'o''x' and (action eq 'Warn' or action eq 'Block')",
  );
});

test('submit returns the indicator with canonical enumerations', async () => {
  const { defender } = openDefender({
    script: [{ body: { ...indicator, id: '7', action: 'warn', severity: 'HIGH' } }],
  });
  assert.partialDeepStrictEqual(JSON.parse(await defender.indicators.submit(indicator)), {
    action: 'Warn',
    severity: 'High',
  });
});

test("submit returns Defender's message for a 400 and does not retry", async () => {
  const { defender, httpClient } = openDefender({ script: [refused(400, 'The limit is reached.')] });
  await assert.rejects(defender.indicators.submit(indicator), {
    code: 'RejectedByDefender',
    message: 'The limit is reached.',
  });
  assert.equal(httpClient.requests.length, 1);
});

test('delete succeeds for 204 and 404 only', async () => {
  for (const reply of [{ status: 204 }, refused(404, 'Gone.')]) {
    const { defender, httpClient } = openDefender({ script: [reply] });
    await defender.indicators.delete(7);
    assert.equal(httpClient.requests[0]?.url.pathname, '/api/indicators/7');
  }
  const { defender, httpClient, clock } = openDefender({ script: [refused(500, 'No.')] });
  await assert.rejects(clock.runUntil(defender.indicators.delete(7)), { name: 'UpstreamError' });
  assert.equal(httpClient.requests.length, 1);
});

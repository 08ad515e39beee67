import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertStatus } from './replies.ts';

const time = createMovableTime();
const app = await useApp({ hasStorage: true, time });
const { cloud, host } = app;
const body = { query: 'AlertInfo' };

/** Rows as Graph sends them. */
const reply = json(200, {
  schema: [
    { name: 'IsX', type: 'SByte' },
    { name: 'LastSeen', type: 'DateTime' },
    { name: 'Info', type: 'Object' },
  ],
  results: [{ 'IsX@odata.type': '#SByte', IsX: 1, LastSeen: {}, Info: { 'Tags@odata.type': '#x', Tags: ['a'] } }],
});
const rows = [{ IsX: 1, LastSeen: null, Info: { Tags: ['a'] } }];
const csv = 'IsX,LastSeen,Info\r\n1,,"{""Tags"":[""a""]}"\r\n';

describe('hunting rows with OData annotations', () => {
  for (const [accept, text] of [
    ['application/x-ndjson', `${JSON.stringify(rows[0])}\n`],
    ['text/csv', csv],
  ] as const) {
    it(`are clean as ${accept}`, async () => {
      cloud.faults.add({ service: 'graph', times: 1, effect: replyWith(reply) });
      assert.equal((await app.call('POST /hunting', { json: body, headers: { accept } })).text, text);
    });
  }

  it('are clean as JSON', async () => {
    cloud.faults.add({ service: 'graph', times: 1, effect: replyWith(reply) });
    assert.deepEqual(Object((await app.call('POST /hunting', { json: body })).json).results, rows);
  });

  it('are clean in an asynchronous result', async () => {
    cloud.faults.add({ service: 'graph', times: 1, effect: replyWith(reply) });
    const accepted = await app.call('POST /hunting', { json: body, headers: { prefer: 'respond-async' } });
    assertStatus(accepted, 202);
    await host.drainQueues();
    const location = (accepted.headers.get('location') ?? '').replace(/^.*\/api/, '');
    assert.deepEqual(Object((await app.call(`GET ${location}`)).json).results, rows);
    assert.equal((await app.call(`GET ${location}`, { headers: { accept: 'text/csv' } })).text, csv);
  });

  it('are clean in hunt.results', async () => {
    const callbackUrl = 'https://prod-02.westeurope.logic.azure.com/hunts';
    await app.call('POST /subscriptions', { json: { callbackUrl, events: ['hunt.results'] } });
    await app.call('POST /hunts', { json: { name: 'x', ...body, schedule: '0 */10 * * * *', onlyNew: 'isx' } });
    cloud.faults.add({ service: 'graph', times: 1, effect: replyWith(reply) });
    time.advance(10 * 60_000);
    await host.runFunction('runScheduledHunts');
    await host.drainQueues();
    const [message] = cloud.received.filter(({ url }) => url === callbackUrl);
    assert.deepEqual(JSON.parse(message?.body ?? '{}').data?.results, rows);
  });
});

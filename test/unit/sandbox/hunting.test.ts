import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCaller, read } from './caller.ts';

const xdr = 'https://api.security.microsoft.com/api/advancedhunting/run';
const graph = 'https://graph.microsoft.com/v1.0/security/runHuntingQuery';
const bySeverity = 'AlertInfo | summarize Alerts = count() by Severity | order by Alerts desc';

describe('hunting', () => {
  it('returns the same rows on both APIs, each in its own envelope', async () => {
    const { call, cloud } = createCaller();
    const older = await call('POST', xdr, { Query: bySeverity });
    const newer = await call('POST', graph, { Query: bySeverity });
    assert.deepEqual(read(older.body, 'Schema'), [
      { Name: 'Severity', Type: 'String' },
      { Name: 'Alerts', Type: 'Int64' },
    ]);
    assert.deepEqual(read(newer.body, 'schema'), [
      { name: 'Severity', type: 'String' },
      { name: 'Alerts', type: 'Int64' },
    ]);
    assert.deepEqual(read(older.body, 'Results'), read(newer.body, 'results'));
    assert.equal(typeof read(older.body, 'Stats', 'ExecutionTime'), 'number');
    assert.equal(read(newer.body, 'Stats'), undefined);
    const rows = read<{ Alerts: number }[]>(newer.body, 'results');
    const alerts = cloud
      .securityOf(cloud.world.home.id)
      .incidents.all()
      .flatMap((incident) => incident.alerts);
    assert.equal(
      rows.reduce((total, row) => total + row.Alerts, 0),
      alerts.length,
    );
  });

  it('finds the processes behind the alerts of an incident', async () => {
    const { call, cloud } = createCaller();
    const alert = cloud
      .securityOf(cloud.world.home.id)
      .incidents.all()
      .flatMap(({ alerts }) => alerts)
      .find(({ title }) => title === 'Suspicious PowerShell command line');
    const device = alert?.devices[0]?.deviceDnsName;
    const query = `DeviceProcessEvents | where DeviceName == '${device}' and ProcessCommandLine has "EncodedCommand"`;
    const { body } = await call('POST', graph, { query });
    const rows = read<{ Timestamp: string }[]>(body, 'results');
    assert.ok(rows.some(({ Timestamp }) => Date.parse(Timestamp) === Date.parse(alert?.firstActivity ?? '')));
  });

  it('looks back no further than the timespan and than 30 days', async () => {
    const { call, advance } = createCaller();
    const countWithin = async (timespan?: string) => {
      const { body } = await call('POST', graph, {
        Query: 'AlertInfo | count',
        ...(timespan && { Timespan: timespan }),
      });
      return read<number>(body, 'results', 0, 'Count');
    };
    const [all, week, day] = [await countWithin(), await countWithin('P7D'), await countWithin('P1D')];
    assert.ok(all > week && week > day && day > 0);
    assert.equal(await countWithin('P90D'), all);
    advance(10 * 24 * 60 * 60 * 1000);
    const later = await countWithin('P90D');
    assert.ok(later < all && later > 0);
    assert.equal((await call('POST', graph, { Query: 'AlertInfo', Timespan: 'a week' })).status, 400);
  });

  it('rejects invalid KQL with the message of Defender', async () => {
    const { call } = createCaller();
    const missing = await call('POST', graph, { Query: 'NoSuchTable | where A == 1' });
    assert.equal(missing.status, 400);
    assert.equal(read(missing.body, 'error', 'code'), 'BadRequest');
    assert.equal(
      read(missing.body, 'error', 'message'),
      "'where' operator: Failed to resolve table or column expression named 'NoSuchTable'. Fix semantic errors in your query.",
    );
    assert.ok(read(missing.body, 'error', 'innerError', 'request-id'));
    assert.equal(read((await call('POST', xdr, { query: 'AlertInfo' })).body, 'error', 'code'), 'InvalidRequestBody');
  });

  it('names the permission that is missing', async () => {
    const { call, cloud } = createCaller();
    cloud.administrator.revokeRole('graph', 'ThreatHunting.Read.All');
    const { status, body } = await call('POST', graph, { Query: 'AlertInfo' });
    assert.equal(status, 403);
    assert.match(read(body, 'error', 'message'), /API required roles: ThreatHunting\.Read\.All/);
  });

  it('accepts 45 calls a minute on each API', async () => {
    const { call } = createCaller({ behavior: { retryAfter: true } });
    for (const url of [xdr, graph]) {
      for (let calls = 0; calls < 45; calls += 1) await call('POST', url, { Query: 'DeviceInfo | take 1' });
      const { status, headers, body } = await call('POST', url, { Query: 'DeviceInfo | take 1' });
      assert.equal(status, 429);
      assert.equal(headers['retry-after'], '60');
      assert.match(read(body, 'error', 'message'), /maximum allowed 45 per 00:01:00/);
    }
  });

  it('can be too large, retired or spelled with other capitals', async () => {
    const { call, cloud } = createCaller({ behavior: { huntingRowLimit: 3, retiredHunting: 410 } });
    const large = await call('POST', graph, { Query: 'AlertInfo | take 4' });
    assert.match(read(large.body, 'error', 'message'), /exceeded the allowed result size/);
    assert.equal((await call('POST', xdr, { Query: 'AlertInfo' })).status, 410);
    cloud.behavior.huntingEnvelope = 'mixed';
    const { body } = await call('POST', graph, { Query: 'AlertInfo | take 1 | project Title' });
    assert.deepEqual(read(body, 'schema'), [{ Name: 'Title', Type: 'String' }]);
    assert.equal(read<unknown[]>(body, 'Results').length, 1);
  });
});

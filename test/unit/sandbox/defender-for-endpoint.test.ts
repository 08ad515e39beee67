import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCaller, type Reply, read } from './caller.ts';

const api = 'https://api.securitycenter.microsoft.com/api';
const codeOf = ({ body }: Reply) => read<string>(body, 'error', 'code');
const messageOf = ({ body }: Reply) => read<string>(body, 'error', 'message');
const listOf = ({ body }: Reply) => read<Record<string, unknown>[]>(body, 'value');
const filtered = (resource: string, filter: string) => `${api}/${resource}?$filter=${encodeURIComponent(filter)}`;

function createMachineCaller() {
  const caller = createCaller();
  const machine = caller.cloud
    .securityOf(caller.cloud.world.home.id)
    .machines.find(({ osPlatform }) => osPlatform !== 'Linux');
  assert.ok(machine);
  const start = (action: string, body: object = {}) =>
    caller.call('POST', `${api}/machines/${machine.id}/${action}`, { Comment: 'x', ...body });
  return { ...caller, machine, start };
}

describe('the machines of Defender for Endpoint', () => {
  it('are the devices of the incidents', async () => {
    const { call, cloud } = createCaller();
    const [incident] = cloud.securityOf(cloud.world.home.id).incidents.all();
    const device = incident?.alerts[0]?.devices[0];
    const reply = await call('GET', `${api}/machines/${device?.mdatpDeviceId}`);
    assert.partialDeepStrictEqual(reply.body, { computerDnsName: device?.deviceDnsName });
  });

  it('answer on the host of Defender XDR too, to a token of their own', async () => {
    const { send, tokenFor } = createCaller();
    const url = 'https://api.security.microsoft.com/api/machines';
    for (const [host, status] of [
      ['api.securitycenter.microsoft.com', 200],
      ['api.security.microsoft.com', 401],
    ] as const) {
      const reply = await send('GET', url, { authorization: `Bearer ${await tokenFor(host)}` });
      assert.equal(reply.status, status);
    }
  });

  it('are filtered by the documented members only, name prefixes included', async () => {
    const { call } = createCaller();
    const servers = listOf(await call('GET', filtered('machines', "startswith(computerDnsName,'srv-')")));
    assert.ok(servers.length > 0 && servers.every(({ computerDnsName }) => String(computerDnsName).startsWith('srv-')));
    for (const filter of ["startswith(osPlatform,'W')", "startswith('a',computerDnsName)", "owner eq 'x'"]) {
      const reply = await call('GET', filtered('machines', filter));
      assert.deepEqual([reply.status, codeOf(reply)], [400, 'ODataError']);
    }
    assert.equal((await call('GET', `${api}/machines?$top=10001`)).status, 400);
  });

  it('are 404 in a tenant without machines', async () => {
    const { call, cloud } = createCaller();
    cloud.securityOf(cloud.world.home.id).machines.splice(0);
    assert.equal((await call('GET', `${api}/machines`)).status, 404);
  });

  it('name the permissions that a token lacks', async () => {
    const { call, cloud } = createCaller();
    cloud.administrator.revokeRole('defenderForEndpoint', 'Machine.Read.All');
    const reply = await call('GET', `${api}/machines`);
    assert.equal(reply.status, 403);
    assert.match(messageOf(reply), /required application permissions \(Machine\.ReadWrite\.All, Machine\.Read\.All\)/);
  });
});

describe('a machine action', () => {
  it('is pending, then in progress, then succeeded; a second one is rejected until then', async () => {
    const { call, start, advance } = createMachineCaller();
    const { status, body } = await start('isolate', { IsolationType: 'Full' });
    assert.equal(status, 201);
    const url = `${api}/machineactions/${read<string>(body, 'id')}`;
    for (const expected of ['Pending', 'InProgress', 'Succeeded']) {
      assert.equal(read((await call('GET', url)).body, 'status'), expected);
      const again = await start('isolate', { IsolationType: 'Full' });
      if (expected !== 'Succeeded') assert.match(messageOf(again), /already in progress/);
      else assert.equal(again.status, 201);
      advance(8_000);
    }
  });

  it('is answered 200 for offboarding', async () => {
    const { start } = createMachineCaller();
    assert.equal((await start('offboard')).status, 200);
  });

  it('requires the documented members', async () => {
    const { start } = createMachineCaller();
    for (const [action, body] of [
      ['isolate', {}],
      ['isolate', { IsolationType: 'Half' }],
      ['runAntiVirusScan', {}],
      ['StopAndQuarantineFile', {}],
      ['unisolate', { Comment: '' }],
    ] as const) {
      const reply = await start(action, body);
      assert.deepEqual([reply.status, codeOf(reply)], [400, 'MissingRequiredParameter']);
    }
  });

  it('has a quoted package address when it has succeeded, twice a minute', async () => {
    const { call, start, advance } = createMachineCaller();
    const { body } = await start('collectInvestigationPackage');
    const url = `${api}/machineactions/${read<string>(body, 'id')}/getPackageUri`;
    assert.equal((await call('GET', url)).status, 404);
    advance(60_000);
    assert.match(read<string>((await call('GET', url)).body, 'value'), /^"https:.*"$/);
    assert.equal((await call('GET', url)).status, 200);
    assert.match(messageOf(await call('GET', url)), /maximum allowed 2 per 00:01:00/);
  });
});

describe('an indicator', () => {
  const indicator = { indicatorValue: 'a.example', indicatorType: 'DomainName', action: 'Warn' };
  const submitted = { ...indicator, title: 'x', description: 'x' };

  it('is one for each value', async () => {
    const { call } = createCaller();
    await call('POST', `${api}/indicators`, submitted);
    await call('POST', `${api}/indicators`, { ...submitted, indicatorValue: 'A.EXAMPLE', action: 'Block' });
    const found = listOf(await call('GET', `${api}/indicators`));
    assert.equal(found.length, 1);
    assert.partialDeepStrictEqual(found[0], { action: 'Block' });
  });

  it('is deleted with 204, once', async () => {
    const { call } = createCaller();
    const { body } = await call('POST', `${api}/indicators`, submitted);
    const url = `${api}/indicators/${read<string>(body, 'id')}`;
    assert.equal((await call('DELETE', url)).status, 204);
    assert.equal((await call('DELETE', url)).status, 404);
  });

  it('is rejected when it audits without an alert, or is an address range', async () => {
    const { call } = createCaller();
    for (const change of [
      { action: 'Audit' },
      { indicatorType: 'IpAddress', indicatorValue: '10.0.0.0/8' },
      { title: '' },
      { unknown: 1 },
    ]) {
      assert.equal((await call('POST', `${api}/indicators`, { ...submitted, ...change })).status, 400);
    }
  });
});

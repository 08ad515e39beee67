import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Host, startHost } from '../host/host.ts';
import { MovedClock } from '../unit/host/moved-clock.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../host/${name}`, import.meta.url));
const KEYS = { function: 'function-key', master: 'master-key' };
const SETTINGS = { TICK_SCHEDULE: '0 */5 * * * *', 'AzureWebJobs.disabled.Disabled': 'true' };

interface Echo {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly traceParent: string;
  readonly invocationId: string;
}

async function readEcho(response: Response): Promise<Echo> {
  return JSON.parse(await response.text());
}

describe('the local host', () => {
  let host: Host;
  const clock = new MovedClock('2026-11-20T10:01:00Z');
  const get = (path: string, init?: RequestInit) => fetch(host.url + path, init);
  const withKey = (key: string) => ({ headers: { 'x-functions-key': key } });
  const loggedSince = (start: number) => host.logs.slice(start);

  before(async () => {
    host = await startHost({ appDirectory: fixture('fixture-app'), environment: SETTINGS, keys: KEYS, clock });
  });
  after(() => host.stop());

  it('passes a request as the real host does', async () => {
    const response = await get('/api/Echo/a%2Fb%20c?x=1&X=2&empty=', {
      method: 'POST',
      body: 'hello',
      headers: { 'X-Twice': 'a' },
    });
    const { headers, traceParent, invocationId, ...seen } = await readEcho(response);
    assert.deepEqual(seen, {
      url: `${host.url}/api/Echo/a%2Fb%20c?x=1&X=2&empty=`,
      query: { x: '1,2', empty: '' },
      params: { id: 'a%2Fb c' },
      body: 'hello',
    });
    assert.equal(headers['x-twice'], 'a');
    assert.match(traceParent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.match(invocationId, /^[0-9a-f-]{36}$/);
  });

  it('continues the trace of the caller', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { traceParent } = await readEcho(await get('/api/echo', { headers: { traceparent } }));
    assert.match(traceParent, /^00-a{32}-(?!b{16})[0-9a-f]{16}-01$/);
  });

  it('drops a chunked request body', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('lost'));
        controller.close();
      },
    });
    const response = await get('/api/echo', { method: 'POST', body, duplex: 'half' } as RequestInit);
    assert.equal((await readEcho(response)).body, '');
  });

  it('passes a large body unchanged', async () => {
    assert.equal((await (await get('/api/large')).text()).length, 250_000);
  });

  it('returns an empty body when it rejects or fails', async () => {
    const cases: [path: string, init: RequestInit, status: number][] = [
      ['/api/nowhere', {}, 404],
      ['/api/echo', { method: 'PUT' }, 404],
      ['/api/forFunctions', {}, 401],
      ['/api/forFunctions?code=function-key', withKey('wrong'), 401],
      ['/api/forAdmins', withKey('function-key'), 401],
      ['/api/disabled', {}, 401],
      ['/api/disabled', withKey('function-key'), 404],
      ['/api/administer', {}, 404],
      ['/api/nothing', {}, 204],
      ['/api/number', {}, 500],
      ['/api/throws', {}, 500],
      ['/runtime/webhooks/x', {}, 404],
      ['/admin/nowhere', withKey('master-key'), 404],
    ];
    for (const [path, init, status] of cases) {
      const response = await get(path, init);
      assert.deepEqual([path, response.status, await response.text()], [path, status, '']);
    }
  });

  it('admits callers with a key', async () => {
    assert.equal((await get('/api/forFunctions?code=function-key')).status, 200);
    assert.equal((await get('/api/forFunctions', withKey('master-key'))).status, 200);
    assert.equal((await get('/api/forAdmins', withKey('master-key'))).status, 200);
    assert.equal((await get('/api/disabled', withKey('master-key'))).status, 200);
  });

  it('logs what the caller is not told', async () => {
    const start = host.logs.length;
    await Promise.all(['throws', 'nothing'].map((name) => get(`/api/${name}`)));
    assert.match(loggedSince(start).join('\n'), /\[throws\] failed: Error: secret detail\n\s+at /);
    assert.match(host.logs.join('\n'), /\[nothing\] returned nothing: the caller gets 204/);
    assert.match(host.logs.join('\n'), /Warning: routeHidden .* is hidden: routeByB/);
    const errors = host.functions.flatMap(({ name, error }) => (error === undefined ? [] : [name]));
    assert.deepEqual(errors, ['administer', 'routeTwin', 'unscheduled']);
  });

  it('runs hooks and prints log lines with the name of the function', async () => {
    const start = host.logs.length;
    await get('/api/echo');
    assert.deepEqual(loggedSince(start), ['[echo] before echo', '[echo] echo GET']);
  });

  it('keeps the last set-cookie header, writes cookies like ASP.NET and adds custom headers', async () => {
    const { headers } = await get('/api/cookies');
    assert.deepEqual(headers.getSetCookie(), ['last=1', 'third=a%20b; path=/; samesite=none; httponly']);
    assert.equal(headers.get('x-content-type-options'), 'own');
    assert.equal((await get('/api/echo')).headers.get('x-content-type-options'), 'nosniff');
  });

  it('has a home page', async () => {
    const response = await get('/');
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'text/html']);
  });

  it('runs a timer when it is due', async () => {
    const start = host.logs.length;
    await clock.moveTo('2026-11-20T10:05:00Z');
    await get('/api/echo');
    const ticks = loggedSince(start).filter((line) => line.startsWith('[tick]'));
    assert.deepEqual(
      ticks.map((line) => JSON.parse(line.replace('[tick] tick ', ''))),
      [
        {
          schedule: { adjustForDST: true },
          scheduleStatus: {
            last: '0001-01-01T00:00:00+00:00',
            next: '2026-11-20T10:05:00.0000000+00:00',
            lastUpdated: '2026-11-20T10:01:00.0000000+00:00',
          },
          isPastDue: false,
        },
      ],
    );
  });

  it('runs a timer manually', async () => {
    const start = host.logs.length;
    await host.runFunction('tick');
    assert.match(loggedSince(start).join(), /\[tick\] .*"isPastDue":false/);
    await assert.rejects(host.runFunction('fails'), /fails failed: Error: no tick/);
    await assert.rejects(host.runFunction('unknown'), /no function "unknown"/);
  });

  it('has the admin API', async () => {
    const json = { 'content-type': 'application/json', 'x-functions-key': 'master-key' };
    const cases: [path: string, init: RequestInit, status: number][] = [
      ['tick', { headers: json, body: '{"input":""}' }, 202],
      ['tick', { headers: json, body: 'no json' }, 400],
      ['tick', { headers: json }, 400],
      ['tick', { ...withKey('master-key'), body: '{}' }, 415],
      ['unknown', { headers: json, body: '{}' }, 404],
      ['tick', { headers: { ...json, 'x-functions-key': 'function-key' }, body: '{}' }, 403],
      ['tick', { body: '{}' }, 401],
    ];
    for (const [name, init, status] of cases) {
      const response = await get(`/admin/functions/${name}`, { method: 'POST', ...init });
      assert.equal(response.status, status, `${name} ${JSON.stringify(init)}`);
    }
    assert.equal((await get('/admin/host/ping')).status, 200);
    assert.equal((await get('/admin/host/status')).status, 401);
    assert.match(await (await get('/admin/host/status', withKey('master-key'))).text(), /"state":"Running"/);
  });

  it('restarts the app while requests wait', async () => {
    const pid = host.appPid;
    const [, response] = await Promise.all([host.restart(), get('/api/forFunctions', withKey('function-key'))]);
    assert.equal(await response.text(), 'in');
    assert.notEqual(host.appPid, pid);
    assert.ok(host.logs.includes('terminated'));
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Incident } from '../../sandbox/incident.ts';
import { createCaller, type Reply, read, startedAt } from './caller.ts';

const incidents = 'https://api.security.microsoft.com/api/incidents';
const filtered = (filter: string) => `${incidents}?$filter=${encodeURIComponent(filter)}`;
const listIn = ({ body }: Reply) => read<Incident[]>(body, 'value');
const codeIn = ({ body }: Reply) => read<string>(body, 'error', 'code');

describe('access to Defender XDR', () => {
  it('answers 401 without a token, with one for another resource and with an expired one', async () => {
    const { send, tokenFor, advance } = createCaller();
    assert.equal(codeIn(await send('GET', incidents)), 'Unauthorized');
    const foreign = { authorization: `Bearer ${await tokenFor('graph.microsoft.com')}` };
    assert.equal((await send('GET', incidents, foreign)).status, 401);
    const own = { authorization: `Bearer ${await tokenFor('api.security.microsoft.com')}` };
    assert.equal((await send('GET', incidents, own)).status, 200);
    assert.equal((await send('GET', 'https://eu.api.security.microsoft.com/api/incidents', own)).status, 200);
    assert.equal((await send('GET', incidents, { authorization: `${own.authorization}x` })).status, 401);
    advance(3599_000);
    assert.equal((await send('GET', incidents, own)).status, 401);
  });

  it('names the permissions that are missing', async () => {
    const { call } = createCaller();
    const woodgrove = 'woodgrove.onmicrosoft.com';
    assert.equal((await call('GET', incidents, undefined, woodgrove)).status, 200);
    const refused = await call('PATCH', `${incidents}/1`, { status: 'Resolved' }, woodgrove);
    assert.equal(refused.status, 403);
    assert.match(read(refused.body, 'error', 'message'), /\(Incident\.ReadWrite\.All\)/);
  });

  it('gives each tenant its own incidents', async () => {
    const { call } = createCaller();
    const home = listIn(await call('GET', incidents));
    const fabrikam = listIn(await call('GET', incidents, undefined, 'fabrikam.onmicrosoft.com'));
    assert.equal(home.length, 100);
    assert.equal(fabrikam.length, 58);
    assert.deepEqual(
      new Set(home.map(({ incidentId }) => incidentId)).intersection(
        new Set(fabrikam.map(({ incidentId }) => incidentId)),
      ).size,
      0,
    );
  });
});

describe('listing incidents', () => {
  it('lists the newest first and pages with $top and $skip', async () => {
    const { call } = createCaller();
    const all = listIn(await call('GET', `${incidents}?$top=100`));
    const createdAt = all.map(({ createdTime }) => Date.parse(createdTime));
    assert.deepEqual(
      createdAt,
      createdAt.toSorted((a, b) => b - a),
    );
    const page = listIn(await call('GET', `${incidents}?$top=10&$skip=30`));
    assert.deepEqual(page, all.slice(30, 40));
    assert.deepEqual(listIn(await call('GET', `${incidents}?$skip=10000`)), []);
  });

  it('filters by time, status and owner', async () => {
    const { call } = createCaller();
    const since = new Date(startedAt - 5 * 24 * 60 * 60 * 1000).toISOString().replace('Z', '0000Z');
    const recent = listIn(
      await call('GET', filtered(`lastUpdateTime ge ${since} and (status eq 'Active' or status eq 'InProgress')`)),
    );
    assert.ok(recent.length > 0);
    assert.ok(
      recent.every(({ lastUpdateTime, status }) => lastUpdateTime >= since.slice(0, 19) && status !== 'Resolved'),
    );
    const unassigned = listIn(await call('GET', filtered('assignedTo eq null')));
    assert.ok(unassigned.length > 0 && unassigned.every(({ assignedTo }) => assignedTo === null));
    assert.deepEqual(listIn(await call('GET', filtered("assignedTo eq 'o''hara@contoso.com'"))), []);
  });

  const refused = [
    `${incidents}?$top=101`,
    `${incidents}?$top=-1`,
    `${incidents}?$skip=x`,
    `${incidents}?$orderby=createdTime`,
    filtered("severity eq 'High'"),
    filtered("createdTime gt '2026-01-01T00:00:00Z'"),
    filtered('status eq Active'),
    filtered("status like 'A'"),
    filtered("(status eq 'Active'"),
    filtered("status eq 'Active' severity"),
  ];
  for (const url of refused) {
    it(`refuses ${decodeURIComponent(new URL(url).search)}`, async () => {
      const reply = await createCaller().call('GET', url);
      assert.equal(reply.status, 400);
      assert.equal(codeIn(reply), 'ODataError');
    });
  }

  it('returns next links when configured', async () => {
    const { call } = createCaller({ behavior: { nextLinks: true, incidentPageSize: 50 } });
    const first = await call('GET', `${incidents}?$top=70`);
    assert.equal(listIn(first).length, 50);
    const second = await call('GET', read(first.body, '@odata.nextLink'));
    assert.equal(listIn(second).length, 20);
    assert.equal(read(second.body, '@odata.nextLink'), undefined);
  });

  it('accepts 50 calls a minute and 1,500 an hour for each tenant', async () => {
    const { call, advance } = createCaller();
    for (let calls = 0; calls < 50; calls += 1) await call('GET', `${incidents}?$top=1`);
    const refusal = await call('GET', `${incidents}?$top=1`);
    assert.equal(refusal.status, 429);
    assert.equal(refusal.headers['retry-after'], undefined);
    assert.equal(codeIn(refusal), '429');
    assert.equal(read(refusal.body, 'error', 'message'), 'API calls quota exceeded! maximum allowed 50 per 00:01:00');
    assert.equal((await call('GET', incidents, undefined, 'fabrikam.onmicrosoft.com')).status, 200);
    advance(60_000);
    assert.equal((await call('GET', incidents)).status, 200);
  });
});

describe('one incident', () => {
  const newestOf = async ({ call }: ReturnType<typeof createCaller>) => {
    const [incident] = listIn(await call('GET', `${incidents}?$top=1`));
    assert.ok(incident);
    return incident;
  };

  it('is read by its number', async () => {
    const caller = createCaller();
    const incident = await newestOf(caller);
    const { body } = await caller.call('GET', `${incidents}/${incident.incidentId}`);
    const { '@odata.context': context, ...entity } = Object(body);
    assert.match(context, /#Incidents\/\$entity$/);
    assert.deepEqual(entity, incident);
    assert.equal((await caller.call('GET', `${incidents}/1`)).status, 404);
  });

  it('keeps omitted members, replaces tags, appends the comment and updates the time', async () => {
    const caller = createCaller();
    const before = await newestOf(caller);
    caller.advance(1000);
    const change = { status: 'Resolved', tags: ['auto'], comment: 'closed', determination: 'malware', assignedTo: '' };
    const { status, body } = await caller.call('PATCH', `${incidents}/${before.incidentId}`, change);
    assert.equal(status, 200);
    const lastUpdateTime = new Date(startedAt + 1000).toISOString();
    const comment = { comment: 'closed', createdBy: 'Defender Functions', createdTime: lastUpdateTime };
    const { '@odata.context': _, ...after } = Object(body);
    assert.deepEqual(after, {
      ...before,
      status: 'Resolved',
      tags: ['auto'],
      determination: 'malware',
      assignedTo: null,
      comments: [...before.comments, comment],
      lastUpdateTime,
    });
    assert.deepEqual(await newestOf(caller), after);
  });

  it('rejects misspelled names, unknown values and bodies that are not objects', async () => {
    const caller = createCaller();
    const { incidentId } = await newestOf(caller);
    for (const body of [{ Status: 'Resolved' }, { status: 'closed' }, { tags: 'auto' }, {}, []]) {
      const reply = await caller.call('PATCH', `${incidents}/${incidentId}`, body);
      assert.equal(reply.status, 400);
      assert.equal(codeIn(reply), 'InvalidRequestBody');
    }
  });

  it('accepts one spelling family of determinations when configured', async () => {
    const caller = createCaller({ behavior: { determinations: 'mde' } });
    const url = `${incidents}/${(await newestOf(caller)).incidentId}`;
    assert.equal((await caller.call('PATCH', url, { determination: 'CompromisedAccount' })).status, 400);
    assert.equal((await caller.call('PATCH', url, { determination: 'CompromisedUser' })).status, 200);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCaller, type Reply, read, startedAt } from './caller.ts';

const alerts = 'https://graph.microsoft.com/v1.0/security/alerts_v2';
const filtered = (filter: string) => `${alerts}?$filter=${encodeURIComponent(filter)}`;

type Alert = Readonly<Record<string, unknown>>;
const listIn = ({ body }: Reply) => read<Alert[]>(body, 'value');
const linkIn = ({ body }: Reply) => read<string | undefined>(body, '@odata.nextLink');
const messageIn = ({ body }: Reply) => read<string>(body, 'error', 'message');
const first = async ({ call }: ReturnType<typeof createCaller>) => {
  const [alert] = listIn(await call('GET', `${alerts}?$top=1`));
  assert.ok(alert);
  return { alert, url: `${alerts}/${alert.id}` };
};

describe('the alerts of Graph', () => {
  it('are those of the incidents of Defender XDR, under other names', async () => {
    const { call, cloud } = createCaller();
    const [incident] = cloud.securityOf(cloud.world.home.id).incidents.all();
    const found = incident?.alerts[0];
    assert.ok(incident && found);
    const { body } = await call('GET', `${alerts}/${found.alertId}`);
    assert.partialDeepStrictEqual(body, {
      id: found.alertId,
      incidentId: String(incident.incidentId),
      title: found.title,
      status: found.status[0]?.toLowerCase() + found.status.slice(1),
      classification: 'unknown',
      createdDateTime: found.creationTime,
      comments: [],
    });
  });

  it('have evidence of many types', async () => {
    const { call } = createCaller();
    const evidence = listIn(await call('GET', alerts)).flatMap((alert) => read<Alert[]>(alert, 'evidence'));
    const types = new Set(evidence.map((each) => String(each['@odata.type']).split('.').at(-1)));
    for (const type of ['deviceEvidence', 'userEvidence', 'processEvidence', 'fileEvidence', 'ipEvidence']) {
      assert.ok(types.has(type), type);
    }
  });

  it('are listed newest first, with a link on every page but the last', async () => {
    const { call, cloud } = createCaller();
    const all = cloud.securityOf(cloud.world.home.id).alerts.all();
    const seen: Alert[] = [];
    let pages = 0;
    for (let next: string | undefined = `${alerts}?$top=70`; next !== undefined; pages++) {
      const page: Reply = await call('GET', next);
      seen.push(...listIn(page));
      next = linkIn(page);
    }
    assert.deepEqual(
      seen.map(({ id }) => id),
      all.map(({ alert }) => alert.alertId),
    );
    assert.equal(pages, Math.ceil(all.length / 70));
  });

  it('never exceed the page limit of the service', async () => {
    const { call, cloud } = createCaller();
    assert.equal(listIn(await call('GET', `${alerts}?$top=1000`)).length, 100);
    cloud.behavior.alertPageSize = 7;
    assert.equal(listIn(await call('GET', `${alerts}?$top=1000`)).length, 7);
  });

  it('are filtered by some members, in the spelling of Graph', async () => {
    const { call } = createCaller();
    const filter = "(status eq 'new' or status eq 'resolved') and severity eq 'high'";
    const found = listIn(await call('GET', filtered(filter)));
    assert.ok(found.length > 0);
    for (const { status, severity } of found) {
      assert.ok((status === 'new' || status === 'resolved') && severity === 'high');
    }
    const wrong = ["status eq 'New'", "title eq 'x'", "serviceSource eq 'OfficeATP'", 'createdDateTime ge yesterday'];
    for (const refusal of await Promise.all(wrong.map((each) => call('GET', filtered(each))))) {
      assert.equal(refusal.status, 400);
      assert.notEqual(messageIn(refusal), '');
    }
  });

  it('can be skipped up to 500, and accept no other options', async () => {
    const { call } = createCaller();
    assert.equal((await call('GET', `${alerts}?$skip=500&$top=1`)).status, 200);
    assert.equal((await call('GET', `${alerts}?$skip=501&$top=1`)).status, 400);
    assert.equal((await call('GET', `${alerts}?$orderby=status`)).status, 400);
  });

  it('hide evolvable enumeration members unless requested', async () => {
    const { cloud, send, tokenFor } = createCaller();
    const [newest] = cloud.securityOf(cloud.world.home.id).alerts.all();
    assert.ok(newest);
    Object.assign(newest.alert, { serviceSource: 'MicrosoftSentinel' });
    const authorization = `Bearer ${await tokenFor('graph.microsoft.com')}`;
    const sourceWith = async (headers: Record<string, string>) =>
      read(
        (await send('GET', `${alerts}/${newest.alert.alertId}`, { authorization, ...headers })).body,
        'serviceSource',
      );
    assert.equal(await sourceWith({}), 'unknownFutureValue');
    assert.equal(await sourceWith({ prefer: 'include-unknown-enum-members' }), 'microsoftSentinel');
  });
});

describe('an update of an alert', () => {
  it('is visible in Graph and in the incident', async () => {
    const caller = createCaller();
    const { alert, url } = await first(caller);
    caller.advance(60_000);
    const change = { status: 'resolved', classification: 'falsePositive', determination: 'insufficientData' };
    assert.partialDeepStrictEqual((await caller.call('PATCH', url, change)).body, {
      ...change,
      lastUpdateDateTime: new Date(startedAt + 60_000).toISOString(),
    });
    const { incidents } = caller.cloud.securityOf(caller.cloud.world.home.id);
    const incident = incidents.get(Number(alert.incidentId));
    const changed = incident?.alerts.find(({ alertId }) => alertId === alert.id);
    assert.partialDeepStrictEqual(changed, { status: 'Resolved', determination: 'InsufficientData' });
    assert.equal(incident?.lastUpdateTime, changed?.lastUpdatedTime);
  });

  it('is rejected when Graph does not know the member', async () => {
    const caller = createCaller();
    const { url } = await first(caller);
    for (const wrong of [
      {},
      { status: 'Resolved' },
      { comment: 'x' },
      { determination: 'benign' },
      { assignedTo: 7 },
    ]) {
      assert.equal((await caller.call('PATCH', url, wrong)).status, 400, JSON.stringify(wrong));
    }
    assert.equal((await caller.call('PATCH', `${alerts}/nothing`, { status: 'new' })).status, 404);
  });

  it('returns all comments with their authors', async () => {
    const caller = createCaller();
    const { url } = await first(caller);
    const comment = (text: string) => ({ '@odata.type': 'microsoft.graph.security.alertComment', comment: text });
    await caller.call('POST', `${url}/comments`, comment('one'));
    const reply = await caller.call('POST', `${url}/comments`, comment('two'));
    assert.equal(reply.status, 200);
    assert.deepEqual(
      listIn(reply).map((each) => [each.comment, each.createdByDisplayName]),
      [
        ['one', 'Defender Functions'],
        ['two', 'Defender Functions'],
      ],
    );
    assert.equal((await caller.call('POST', `${url}/comments`, { comment: 'untyped' })).status, 400);
  });

  it('requires the write permission', async () => {
    const { call } = createCaller();
    const woodgrove = 'woodgrove.onmicrosoft.com';
    const [alert] = listIn(await call('GET', `${alerts}?$top=1`, undefined, woodgrove));
    const refused = await call('PATCH', `${alerts}/${alert?.id}`, { status: 'new' }, woodgrove);
    assert.equal(refused.status, 403);
    assert.match(messageIn(refused), /SecurityAlert\.ReadWrite\.All.*SecurityAlert\.Read\.All/);
  });
});

it('alerts accept 150 calls a minute', async () => {
  const { call, cloud, advance } = createCaller();
  cloud.behavior.retryAfter = true;
  for (let count = 0; count < 150; count++) {
    const path = count % 2 === 0 ? '' : '/nothing';
    assert.notEqual((await call('GET', `${alerts}${path}`)).status, 429);
  }
  const refused = await call('GET', alerts);
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '60']);
  advance(60_000);
  assert.equal((await call('GET', alerts)).status, 200);
});

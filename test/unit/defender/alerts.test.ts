import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AlertQuery, AlertUpdate } from '../../../shared/defender/alerts.ts';
import type { ScriptedReply } from '../fake-http-client.ts';
import { openDefender } from './open-client.ts';

const id = 'da637551227677560813_-961444813';
const alertsUrl = 'https://graph.microsoft.com/v1.0/security/alerts_v2';
const refused = (status: number, message: string): ScriptedReply => ({
  status,
  headers: { 'request-id': 'r-1' },
  body: { error: { code: 'BadRequest', message } },
});

async function filterOf(query: Omit<AlertQuery, 'top'>): Promise<string | null | undefined> {
  const { defender, httpClient } = openDefender({ script: [{ body: { value: [] } }] });
  await defender.alerts.list({ ...query, top: 10 });
  return httpClient.requests[0]?.url.searchParams.get('$filter');
}

describe('the filter of a list', () => {
  test('is absent when nothing is filtered', async () => assert.equal(await filterOf({}), null));

  test('has the members, the operators and the spelling of Graph', async () => {
    assert.equal(
      await filterOf({
        status: ['New', 'InProgress'],
        severity: ['UnSpecified'],
        serviceSource: ['MicrosoftDefenderForEndpoint'],
        assignedTo: "o'neil@contoso.com",
        createdSince: '2026-11-01T00:00:00Z',
        updatedSince: '2026-11-02T00:00:00.1234567Z',
      }),
      "(status eq 'new' or status eq 'inProgress') and severity eq 'unknown'" +
        " and serviceSource eq 'microsoftDefenderForEndpoint' and assignedTo eq 'o''neil@contoso.com'" +
        ' and createdDateTime ge 2026-11-01T00:00:00Z and lastUpdateDateTime ge 2026-11-02T00:00:00.1234567Z',
    );
  });
});

describe('a list', () => {
  test('asks for no more than is wanted, a hundred at a time, and for the newer values of enumerations', async () => {
    const script = [{ body: { value: [] } }, { body: { value: [] } }];
    const { defender, httpClient } = openDefender({ script });
    await defender.alerts.list({ top: 30 });
    await defender.alerts.list({ top: 1_000 });
    assert.deepEqual(
      httpClient.requests.map(({ url }) => url.href),
      [`${alertsUrl}?$top=30`, `${alertsUrl}?$top=100`],
    );
    assert.equal(httpClient.requests[0]?.headers.prefer, 'include-unknown-enum-members');
    assert.equal(httpClient.requests[0]?.headers['client-request-id'], 'caller-id');
  });

  test('has enumerations respelled, unknown ones kept, and everything else as Graph gives it', async () => {
    const evidence = [{ '@odata.type': '#microsoft.graph.security.fileEvidence', verdict: 'malicious', roles: [] }];
    const given = { id, status: 'new', severity: 'unknown', serviceSource: 'brandNew', detectionSource: 'antivirus' };
    const { defender } = openDefender({ script: [{ body: { value: [{ ...given, evidence }] } }] });
    const { text } = await defender.alerts.list({ top: 10 });
    assert.deepEqual(JSON.parse(text), [{ ...given, status: 'New', severity: 'UnSpecified', evidence }]);
  });
});

describe('one alert', () => {
  test('is asked for by its encoded id', async () => {
    const { defender, httpClient } = openDefender({ script: [{ body: { id: 'a:b', determination: 'notMalicious' } }] });
    assert.equal(await defender.alerts.get('a:b'), '{"id":"a:b","determination":"Clean"}');
    assert.equal(httpClient.requests[0]?.url.href, `${alertsUrl}/a%3Ab`);
  });

  test('that is not there is 404 NotFound', async () => {
    for (const act of ['get', 'change', 'comment'] as const) {
      const { defender } = openDefender({ script: [refused(404, 'x')] });
      const acting = {
        get: () => defender.alerts.get(id),
        change: () => defender.alerts.update(id, { status: 'New' }),
        comment: () => defender.alerts.update(id, { comment: 'x' }),
      };
      const notFound = { name: 'RequestError', status: 404, code: 'NotFound', message: new RegExp(`alert ${id}`) };
      await assert.rejects(acting[act](), notFound, act);
    }
  });
});

/** Updates an alert against a scripted Graph. */
function open(...script: ScriptedReply[]) {
  const { defender, httpClient, clock } = openDefender({ script });
  return {
    update: async (change: AlertUpdate): Promise<unknown> =>
      JSON.parse(await clock.runUntil(defender.alerts.update(id, change))),
    /** Method, path below the alert's own, and body of each call. */
    sent: () =>
      httpClient.requests.map(({ method, url, body }) => {
        assert.ok(url.href.startsWith(`${alertsUrl}/${id}`));
        return [method, url.href.slice(`${alertsUrl}/${id}`.length), body === undefined ? undefined : JSON.parse(body)];
      }),
  };
}

const comments = [{ comment: 'old' }, { comment: 'Done' }];
const commentSent = ['POST', '/comments', { '@odata.type': 'microsoft.graph.security.alertComment', comment: 'Done' }];

describe('an update', () => {
  test("sends what is given in Graph's spelling, and answers the updated alert", async () => {
    const { update, sent } = open({ body: { id, status: 'inProgress' } });
    const classification = 'TruePositive';
    assert.deepEqual(
      await update({ status: 'InProgress', assignedTo: 'a@b', classification, determination: 'Clean' }),
      { id, status: 'InProgress' },
    );
    const body = {
      status: 'inProgress',
      assignedTo: 'a@b',
      classification: 'truePositive',
      determination: 'notMalicious',
    };
    assert.deepEqual(sent(), [['PATCH', '', body]]);
  });

  test('takes an empty owner for none', async () => {
    const { update, sent } = open({ body: { id } });
    await update({ assignedTo: '' });
    assert.deepEqual(sent(), [['PATCH', '', { assignedTo: null }]]);
  });

  test('adds the comment last, and answers it too', async () => {
    const { update, sent } = open({ body: { id, status: 'resolved', comments: [] } }, { body: { value: comments } });
    assert.deepEqual(await update({ status: 'Resolved', comment: 'Done' }), { id, status: 'Resolved', comments });
    assert.deepEqual(sent(), [['PATCH', '', { status: 'resolved' }], commentSent]);
  });

  test('of nothing but a comment changes nothing else', async () => {
    const { update, sent } = open({ body: { id, status: 'new', comments: [] } }, { body: { value: comments } });
    assert.deepEqual(await update({ comment: 'Done' }), { id, status: 'New', comments });
    assert.deepEqual(sent(), [['GET', '', undefined], commentSent]);
  });

  test('is tried in every published spelling of its determination, and commented once', async () => {
    const { update, sent } = open(
      refused(400, 'first'),
      refused(400, 'second'),
      { body: { id } },
      { body: { value: comments } },
    );
    assert.deepEqual(await update({ determination: 'NoEnoughDataToValidate', comment: 'Done' }), { id, comments });
    assert.deepEqual(sent(), [
      ['PATCH', '', { determination: 'notEnoughDataToValidate' }],
      ['PATCH', '', { determination: 'insufficientData' }],
      ['PATCH', '', { determination: 'noEnoughDataToValidate' }],
      commentSent,
    ]);
  });
});

describe('an update that fails', () => {
  const rejected = (message: string) => ({
    name: 'RequestError',
    status: 400,
    code: 'RejectedByDefender',
    message,
    upstream: { service: 'graph', status: 400, code: 'BadRequest', requestId: 'r-1' },
  });
  const changed = { body: { id } };
  const both = { determination: 'Clean', comment: 'Done' };

  test('in every spelling is RejectedByDefender with the first sentence, and adds no comment', async () => {
    const { update, sent } = open(refused(400, 'first'), refused(400, 'second'));
    await assert.rejects(update(both), rejected('first'));
    assert.equal(sent().length, 2);
  });

  test('with its comment alone says what Graph said', async () => {
    const { update } = open({ body: { id } }, refused(400, 'Too long.'));
    await assert.rejects(update({ comment: 'Done' }), rejected('Too long.'));
  });

  test('with its comment after the change says that the alert was changed', async () => {
    const { update } = open(changed, refused(400, 'Too long.'));
    const message = 'The alert was changed, but adding the comment failed: Too long.';
    await assert.rejects(update(both), rejected(message));
  });

  for (const status of [403, 409, 500]) {
    test(`with ${status} is not tried again, neither the change nor the comment`, async () => {
      const first = open(refused(status, 'No.'));
      await assert.rejects(first.update(both), ({ message }: Error) => !message.includes('was changed'));
      assert.equal(first.sent().length, 1);
      const second = open(changed, refused(status, 'No.'));
      await assert.rejects(second.update(both), /The alert was changed, but adding the comment failed: /);
      assert.equal(second.sent().length, 2);
    });
  }

  test('is a failure of Graph when it gives no list of comments', async () => {
    const { update } = open({ body: { id } }, { body: { comment: 'Done' } });
    await assert.rejects(update({ comment: 'Done' }), { name: 'UpstreamError', failure: 'malformed' });
  });
});

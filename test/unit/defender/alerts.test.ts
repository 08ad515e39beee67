import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AlertQuery, AlertUpdate } from '../../../shared/defender/alerts.ts';
import type { ScriptedReply } from '../fake-http-client.ts';
import { openDefender } from './open-client.ts';
import { textOf } from './things.ts';

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

describe('filter of an alert list', () => {
  test('sends no $filter without filters', async () => assert.equal(await filterOf({}), null));

  test('uses the members, operators and enumeration spelling of Graph', async () => {
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

describe('alert list', () => {
  test('requests at most 100 alerts at a time, with newer enumeration values', async () => {
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

  test('normalizes known enumeration values and passes everything else through', async () => {
    const evidence = [{ '@odata.type': '#microsoft.graph.security.fileEvidence', verdict: 'malicious', roles: [] }];
    const given = { id, status: 'new', severity: 'unknown', serviceSource: 'brandNew', detectionSource: 'antivirus' };
    const { defender } = openDefender({ script: [{ body: { value: [{ ...given, evidence }] } }] });
    const text = textOf(await defender.alerts.list({ top: 10 }));
    assert.deepEqual(JSON.parse(text), [{ ...given, status: 'New', severity: 'UnSpecified', evidence }]);
  });
});

describe('single alert', () => {
  test('encodes the id in the path', async () => {
    const { defender, httpClient } = openDefender({ script: [{ body: { id: 'a:b', determination: 'notMalicious' } }] });
    assert.equal(await defender.alerts.get('a:b'), '{"id":"a:b","determination":"Clean"}');
    assert.equal(httpClient.requests[0]?.url.href, `${alertsUrl}/a%3Ab`);
  });

  test('returns 404 NotFound when it does not exist', async () => {
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

describe('alert update', () => {
  test("sends the given members in Graph's spelling and returns the updated alert", async () => {
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

  test('removes the owner with an empty string', async () => {
    const { update, sent } = open({ body: { id } });
    await update({ assignedTo: '' });
    assert.deepEqual(sent(), [['PATCH', '', { assignedTo: null }]]);
  });

  test('sends the comment last and returns it with the alert', async () => {
    const { update, sent } = open({ body: { id, status: 'resolved', comments: [] } }, { body: { value: comments } });
    assert.deepEqual(await update({ status: 'Resolved', comment: 'Done' }), { id, status: 'Resolved', comments });
    assert.deepEqual(sent(), [['PATCH', '', { status: 'resolved' }], commentSent]);
  });

  test('reads the alert before sending only a comment', async () => {
    const { update, sent } = open({ body: { id, status: 'new', comments: [] } }, { body: { value: comments } });
    assert.deepEqual(await update({ comment: 'Done' }), { id, status: 'New', comments });
    assert.deepEqual(sent(), [['GET', '', undefined], commentSent]);
  });

  test('tries every published spelling of the determination and comments once', async () => {
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

describe('failing alert update', () => {
  const rejected = (message: string) => ({
    name: 'RequestError',
    status: 400,
    code: 'RejectedByDefender',
    message,
    upstream: { service: 'graph', status: 400, code: 'BadRequest', requestId: 'r-1' },
  });
  const changed = { body: { id } };
  const both = { determination: 'Clean', comment: 'Done' };

  test('returns RejectedByDefender with the first message when every spelling is rejected, without commenting', async () => {
    const { update, sent } = open(refused(400, 'first'), refused(400, 'second'));
    await assert.rejects(update(both), rejected('first'));
    assert.equal(sent().length, 2);
  });

  test("returns Graph's message when only a comment was sent", async () => {
    const { update } = open({ body: { id } }, refused(400, 'Too long.'));
    await assert.rejects(update({ comment: 'Done' }), rejected('Too long.'));
  });

  test('says that the alert was updated when only the comment failed', async () => {
    const { update } = open(changed, refused(400, 'Too long.'));
    const message = 'The alert was updated, but adding the comment failed: Too long.';
    await assert.rejects(update(both), rejected(message));
  });

  for (const status of [403, 409, 500]) {
    test(`does not retry after ${status}, neither the change nor the comment`, async () => {
      const first = open(refused(status, 'No.'));
      await assert.rejects(first.update(both), ({ message }: Error) => !message.includes('was updated'));
      assert.equal(first.sent().length, 1);
      const second = open(changed, refused(status, 'No.'));
      await assert.rejects(second.update(both), /The alert was updated, but adding the comment failed: /);
      assert.equal(second.sent().length, 2);
    });
  }
});

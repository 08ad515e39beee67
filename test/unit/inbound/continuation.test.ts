import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cursor } from '../../../shared/defender/collection.ts';
import type { ListRequest } from '../../../shared/inbound/page-reply.ts';
import * as continuation from '../../../shared/inbound/page-reply.ts';
import { createStateProtection } from '../../../shared/tokens/state-protection.ts';
import { homeTenantId } from '../settings.ts';

const customerId = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const url = new URL('https://contoso.azurewebsites.net/api/incidents?status=Active&top=50');
const request: ListRequest = { operation: 'listIncidents', tenantId: homeTenantId, url, path: '/incidents' };

const signatures = createStateProtection(undefined);
const createNextLink = (from: ListRequest, next: Cursor) => continuation.createNextLink(from, next, signatures);
const parseContinuation = (from: ListRequest, token: string) => continuation.parseContinuation(from, token, signatures);

const refusal = {
  name: 'RequestError',
  status: 400,
  code: 'InvalidRequest',
  errors: [
    {
      in: 'query',
      name: 'skipToken',
      detail: 'must be taken from a nextLink, together with its other parameters, unchanged',
    },
  ],
};

/** What the caller sends back: the request of the link, and its token. */
function follow(link: string, from: ListRequest = request): [ListRequest, string] {
  const next = new URL(link);
  return [{ ...from, url: next }, next.searchParams.get('skipToken') ?? ''];
}

describe('createNextLink', () => {
  it('holds the position in the list', async () => {
    for (const cursor of [{ skip: 50 }, { path: '/api/incidents?$skiptoken=a%2Bb', skip: 7 }]) {
      assert.deepEqual(await parseContinuation(...follow(await createNextLink(request, cursor))), cursor);
    }
  });

  it('keeps the other parameters of the request', async () => {
    const link = new URL(await createNextLink(request, { skip: 50 }));
    assert.equal(link.origin + link.pathname, url.origin + url.pathname);
    assert.deepEqual([...link.searchParams.keys()], ['status', 'top', 'skipToken']);
  });

  it('replaces the previous continuation', async () => {
    const [first] = follow(await createNextLink(request, { skip: 50 }));
    const second = await createNextLink(first, { skip: 100 });
    assert.equal(new URL(second).searchParams.getAll('skipToken').length, 1);
    assert.deepEqual(await parseContinuation(...follow(second)), { skip: 100 });
  });

  it('contains no key and works with another one', async () => {
    const withKey = { ...request, url: new URL(`${url.href}&code=the-key&clientId=the-name`) };
    const link = await createNextLink(withKey, { skip: 50 });
    assert.doesNotMatch(link, /the-key|the-name/);
    assert.deepEqual(await parseContinuation(...follow(`${link}&code=another-key`)), { skip: 50 });
  });

  it('works with its parameters in any order', async () => {
    const [, token] = follow(await createNextLink(request, { skip: 50 }));
    const shuffled = new URL(`https://contoso.azurewebsites.net/api/incidents?top=50&skipToken=${token}&status=Active`);
    assert.deepEqual(await parseContinuation({ ...request, url: shuffled }, token), { skip: 50 });
  });
});

describe('a continuation', () => {
  it('works behind another host and base path', async () => {
    const [, token] = follow(await createNextLink(request, { skip: 50 }));
    const behind = new URL(`https://api.contoso.com/soc/incidents?status=Active&top=50&skipToken=${token}`);
    assert.deepEqual(await parseContinuation({ ...request, url: behind }, token), { skip: 50 });
  });
});

describe('parseContinuation throws 400', async () => {
  const token = follow(await createNextLink(request, { skip: 50 }))[1];

  it('for any changed character', async () => {
    for (let at = 0; at < token.length; at++) {
      const tampered = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      await assert.rejects(parseContinuation(request, tampered), refusal, `at ${at}`);
    }
  });

  it('for a truncated or extended continuation', async () => {
    for (const wrong of ['', '.', token.slice(1), token.slice(0, -1), `${token}A`, `${token}.A`, 'nonsense']) {
      await assert.rejects(parseContinuation(request, wrong), refusal, wrong);
    }
  });

  it('for a continuation of another operation', async () => {
    await assert.rejects(parseContinuation({ ...request, operation: 'listAlerts' }, token), refusal);
  });

  it('for a continuation of another tenant', async () => {
    await assert.rejects(parseContinuation({ ...request, tenantId: customerId }, token), refusal);
  });

  it('for a continuation of other filters', async () => {
    for (const query of [
      'status=Resolved&top=50',
      'status=Active&top=51',
      'status=Active',
      'status=Active&top=50&severity=High',
    ]) {
      const other = new URL(`?${query}`, url);
      await assert.rejects(parseContinuation({ ...request, url: other }, token), refusal, query);
    }
  });

  it("for a continuation of another resource's list", async () => {
    const listOf = (id: string) => ({
      ...request,
      url: new URL(`https://contoso.azurewebsites.net/api/subscriptions/${id}/dead-letters`),
      path: `/subscriptions/${id}/dead-letters`,
    });
    const [, ofFirst] = follow(await createNextLink(listOf('1'), { skip: 50 }));
    await assert.rejects(parseContinuation(listOf('2'), ofFirst), refusal);
  });
});

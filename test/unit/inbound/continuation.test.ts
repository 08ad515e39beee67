import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createNextLink, type ListRequest, parseContinuation } from '../../../shared/inbound/continuation.ts';
import { homeTenantId } from '../settings.ts';

const customerId = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const url = new URL('https://contoso.azurewebsites.net/api/incidents?status=Active&top=50');
const request: ListRequest = { operation: 'listIncidents', tenantId: homeTenantId, url };
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
  it('holds the position in the list', () => {
    for (const cursor of [{ skip: 50 }, { path: '/api/incidents?$skiptoken=a%2Bb', skip: 7 }]) {
      assert.deepEqual(parseContinuation(...follow(createNextLink(request, cursor))), cursor);
    }
  });

  it('keeps the other parameters of the request', () => {
    const link = new URL(createNextLink(request, { skip: 50 }));
    assert.equal(link.origin + link.pathname, url.origin + url.pathname);
    assert.deepEqual([...link.searchParams.keys()], ['status', 'top', 'skipToken']);
  });

  it('replaces the previous continuation', () => {
    const [first] = follow(createNextLink(request, { skip: 50 }));
    const second = createNextLink(first, { skip: 100 });
    assert.equal(new URL(second).searchParams.getAll('skipToken').length, 1);
    assert.deepEqual(parseContinuation(...follow(second)), { skip: 100 });
  });

  it('contains no key and works with another one', () => {
    const withKey = { ...request, url: new URL(`${url.href}&code=the-key&clientId=the-name`) };
    const link = createNextLink(withKey, { skip: 50 });
    assert.doesNotMatch(link, /the-key|the-name/);
    assert.deepEqual(parseContinuation(...follow(`${link}&code=another-key`)), { skip: 50 });
  });

  it('works with its parameters in any order', () => {
    const [, token] = follow(createNextLink(request, { skip: 50 }));
    const shuffled = new URL(`https://contoso.azurewebsites.net/api/incidents?top=50&skipToken=${token}&status=Active`);
    assert.deepEqual(parseContinuation({ ...request, url: shuffled }, token), { skip: 50 });
  });
});

describe('parseContinuation throws 400', () => {
  const token = follow(createNextLink(request, { skip: 50 }))[1];

  it('for any changed character', () => {
    for (let at = 0; at < token.length; at++) {
      const tampered = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      assert.throws(() => parseContinuation(request, tampered), refusal, `at ${at}`);
    }
  });

  it('for a truncated or extended continuation', () => {
    for (const wrong of ['', '.', token.slice(1), token.slice(0, -1), `${token}A`, `${token}.A`, 'nonsense']) {
      assert.throws(() => parseContinuation(request, wrong), refusal, wrong);
    }
  });

  it('for a continuation of another operation', () => {
    assert.throws(() => parseContinuation({ ...request, operation: 'listAlerts' }, token), refusal);
  });

  it('for a continuation of another tenant', () => {
    assert.throws(() => parseContinuation({ ...request, tenantId: customerId }, token), refusal);
  });

  it('for a continuation of other filters', () => {
    for (const query of [
      'status=Resolved&top=50',
      'status=Active&top=51',
      'status=Active',
      'status=Active&top=50&severity=High',
    ]) {
      const other = new URL(`?${query}`, url);
      assert.throws(() => parseContinuation({ ...request, url: other }, token), refusal, query);
    }
  });

  it("for a continuation of another resource's list", () => {
    const listOf = (id: string) => ({
      ...request,
      url: new URL(`https://contoso.azurewebsites.net/api/subscriptions/${id}/dead-letters`),
    });
    const [, ofFirst] = follow(createNextLink(listOf('1'), { skip: 50 }));
    assert.throws(() => parseContinuation(listOf('2'), ofFirst), refusal);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { endpoint } from '../../../shared/inbound/endpoint.ts';
import { json } from '../../../shared/inbound/reply.ts';
import { homeTenantId } from '../settings.ts';
import { baseUrl, call, createRequest } from './http-call.ts';

const anything = json(z.unknown());

describe('baseUrl', () => {
  for (const [route, path] of [
    ['GET things', 'things?top=1'],
    ['GET things/{thingId}', 'things/7'],
    ['GET things/{thingId}/parts', 'things/a-much-longer-name-than-the-parameter/parts'],
  ] as const) {
    it(`does not depend on the route ${route}`, async () => {
      const where = endpoint({
        route,
        summary: 'x',
        role: 'Incident.Read',
        query: z.object({ top: z.optional(z.string()) }),
        reply: anything,
        handle: (handling) => handling.baseUrl,
      });
      assert.equal((await call(where, createRequest({ path }))).json(), baseUrl);
    });
  }
});

describe('linkTo', () => {
  const where = endpoint({
    route: 'POST things/{thingId}/parts',
    summary: 'x',
    role: 'Incident.Read',
    reply: anything,
    handle: ({ linkTo }) => linkTo('/parts/7'),
  });
  const linkAt = async (query: string) =>
    (await call(where, createRequest({ method: 'POST', path: `things/7/parts${query}` }))).json();

  it('contains neither the key nor other parameters of the request', async () => {
    assert.equal(await linkAt(''), `${baseUrl}/parts/7`);
    assert.equal(await linkAt('?code=s3cret&clientId=x'), `${baseUrl}/parts/7`);
  });

  it('contains the tenantId of the request', async () => {
    assert.equal(await linkAt(`?code=s3cret&tenantId=${homeTenantId}`), `${baseUrl}/parts/7?tenantId=${homeTenantId}`);
  });
});

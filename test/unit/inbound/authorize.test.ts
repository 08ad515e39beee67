import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { endpoint } from '../../../shared/inbound/endpoint.ts';
import { json } from '../../../shared/inbound/reply.ts';
import type { Endpoint } from '../../../shared/inbound/request-context.ts';
import { createFakeClock } from '../fake-clock.ts';
import { settings } from '../settings.ts';
import { applicationClaims, createTestKey, signed, toKeysReply, userClaims } from '../tokens/test-issuer.ts';
import { call, createRequest, createTestApp } from './http-call.ts';

const key = createTestKey('key-1');
const now = createFakeClock().now();
const customerId = 'aaaaaaaa-2222-4333-8444-555555555555';
const roles = ['Incident.Read', 'Subscription.ReadWrite', 'Tenant.ReadWrite'];
const inCustomerTenant = { tid: customerId, iss: `https://login.microsoftonline.com/${customerId}/v2.0` };

const common = { route: 'GET things', summary: 'x', reply: json(z.unknown()), handle: () => 'done' } as const;
/** Operations by who decides about a user: Defender, a role, or a role of the home tenant. */
const operations = {
  defender: endpoint({ ...common, role: 'Incident.Read' }),
  role: endpoint({ ...common, role: 'Subscription.ReadWrite', requiresRoleOfUsers: true }),
  homeRole: endpoint({ ...common, role: 'Tenant.Read', hasTenant: false }),
};

const tokens: Record<string, Record<string, unknown> | undefined> = {
  'no token': undefined,
  'an application without roles': applicationClaims(now, { roles: undefined }),
  'an application with another role': applicationClaims(now, { roles: ['Machine.Read'] }),
  'an application with roles': applicationClaims(now, { roles }),
  'a user without roles': userClaims(now),
  'a user with roles': userClaims(now, { roles }),
  "a customer's user with roles": userClaims(now, { roles, ...inCustomerTenant }),
};

async function send(mode: string, operation: Endpoint, claims: Record<string, unknown> | undefined) {
  const app = createTestApp({}, { ...settings, CALLER_AUTHENTICATION: mode, DEFENDER_TENANTS: customerId });
  app.httpClient.queue(toKeysReply(key));
  const headers = claims === undefined ? {} : { authorization: `Bearer ${await signed(key, claims)}` };
  const { status, json: body, headers: replied } = await call(operation, createRequest({ headers }), app);
  return { outcome: status === 200 ? '200' : `${status} ${body().code}`, headers: replied, body };
}

type Outcomes = readonly [defender: string, role: string, homeRole: string];
const allowed: Outcomes = ['200', '200', '200'];
const missing: Outcomes = ['403 MissingRole', '403 MissingRole', '403 MissingRole'];
const withToken: Record<string, Outcomes> = {
  'no token': ['401 TokenRequired', '401 TokenRequired', '401 TokenRequired'],
  'an application without roles': missing,
  'an application with another role': missing,
  'an application with roles': allowed,
  'a user without roles': ['200', '403 MissingRole', '403 MissingRole'],
  'a user with roles': allowed,
  "a customer's user with roles": ['200', '200', '403 MissingRole'],
};
const withKey = Object.fromEntries(Object.keys(tokens).map((name) => [name, allowed]));

for (const [mode, expected] of [
  ['key', withKey],
  ['keyAndToken', withToken],
  ['token', withToken],
] as const) {
  describe(`CALLER_AUTHENTICATION=${mode}`, () => {
    for (const [name, claims] of Object.entries(tokens)) {
      it(`authorizes ${name}`, async () => {
        const outcomes: string[] = [];
        for (const operation of Object.values(operations)) outcomes.push((await send(mode, operation, claims)).outcome);
        assert.deepEqual(outcomes, expected[name]);
      });
    }
  });
}

describe('a refusal', () => {
  it('names the required role and those of the caller', async () => {
    const { body } = await send(
      'token',
      operations.role,
      applicationClaims(now, { roles: ['Machine.Read', 'Ti.Read'] }),
    );
    assert.match(body().detail, /Subscription\.ReadWrite.*Machine\.Read, Ti\.Read/);
    assert.match(body().nextStep, /appRoleAssignedTo/);
  });

  it('says where to get a token', async () => {
    const { headers } = await send('token', operations.defender, undefined);
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer authorization_uri="https:\/\/.*", resource_id="/);
  });
});

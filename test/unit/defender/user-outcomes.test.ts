import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestError } from '../../../shared/errors.ts';
import type { UserPrincipal } from '../../../shared/tokens/principal.ts';
import { homeTenantId } from '../settings.ts';
import { safeCall } from './calls.ts';
import { openClient } from './open-client.ts';

const claims = '{"access_token":{"nbf":{"essential":true,"value":"1764331200"}}}';
const encoded = Buffer.from(claims).toString('base64');
const challenge = {
  status: 401,
  headers: {
    'www-authenticate': `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common", error="insufficient_claims", claims="${encoded}"`,
  },
};
const user: UserPrincipal = {
  kind: 'user',
  tenantId: homeTenantId,
  objectId: homeTenantId,
  assertion: 'assertion',
  assertionHash: 'hash',
  expiresAt: Number.POSITIVE_INFINITY,
};

describe('claims challenge of an API', () => {
  it('is returned to a user when a new token is challenged too', async () => {
    const { client, clock } = openClient({ script: [challenge, challenge], context: { principal: user } });
    const error = await clock.runUntil(client.send(safeCall)).catch((caught: unknown) => caught);
    assert.ok(error instanceof RequestError);
    assert.deepEqual([error.status, error.code, error.upstream?.service], [401, 'InteractionRequired', 'defender']);
    assert.equal(error.headers['www-authenticate'], `Bearer error="insufficient_claims", claims="${encoded}"`);
  });

  it('is not noticed by a user when a new token satisfies it', async () => {
    const { client, clock } = openClient({ script: [challenge, { body: 'done' }], context: { principal: user } });
    assert.equal(await clock.runUntil(client.send(safeCall)), 'done');
  });

  it('is a failure of the service in application context, which cannot interact', async () => {
    const { client, clock } = openClient({ script: [challenge, challenge] });
    await assert.rejects(clock.runUntil(client.send(safeCall)), { name: 'UpstreamError', failure: 'refused' });
  });

  it('without claims stays a failure of the service', async () => {
    const without = { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token", claims=""' } };
    const { client, clock } = openClient({ script: [without, without], context: { principal: user } });
    await assert.rejects(clock.runUntil(client.send(safeCall)), { name: 'UpstreamError' });
  });
});

describe('outcome of a call', () => {
  it('is recorded for the application only', async () => {
    const forUser = openClient({ script: [{ body: 'done' }, { status: 500 }], context: { principal: user } });
    await forUser.client.send(safeCall);
    await forUser.clock.runUntil(forUser.client.send({ ...safeCall, noRetry: true })).catch(() => {});
    assert.deepEqual(forUser.outcomes, []);
    const { client, outcomes } = openClient({ script: [{ body: 'done' }] });
    await client.send(safeCall);
    assert.deepEqual(outcomes, [{ kind: 'succeeded', tenantId: homeTenantId }]);
  });
});

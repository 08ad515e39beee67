import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import { clientId } from '../settings.ts';
import { graphCall, safeCall, unsafeCall } from './calls.ts';
import { createToken, openClient } from './open-client.ts';

const customerId = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const customer = { principal: { kind: 'application', tenantId: customerId }, isHomeTenant: false } as const;
const forbidden = {
  status: 403,
  body: { error: { code: 'Forbidden', message: "Defender's own sentence.", target: 't' } },
};
const consentUrl = new RegExp(
  `https://login\\.microsoftonline\\.com/${customerId}/adminconsent\\?client_id=${clientId}`,
);

type Options = Parameters<typeof openClient>[0];

async function refusalOf(options: Options, call = safeCall): Promise<RequestError> {
  const { client, clock } = openClient({ script: [forbidden], ...options });
  const error = await clock.runUntil(client.send(call)).catch((caught: unknown) => caught);
  assert.ok(error instanceof RequestError, String(error));
  assert.equal(error.status, 403);
  return error;
}

describe('a 403 is MissingPermission', () => {
  test('when the token has other permissions: both they and the one it needs are named', async () => {
    const error = await refusalOf({ permissions: ['AdvancedHunting.Read.All', 'Incident.Read.All'] }, unsafeCall);
    assert.equal(error.code, 'MissingPermission');
    for (const name of ['Incident.ReadWrite.All', 'AdvancedHunting.Read.All', 'Incident.Read.All']) {
      assert.ok(error.message.includes(name), name);
    }
    assert.match(error.nextStep ?? '', /Incident\.ReadWrite\.All of "Microsoft Threat Protection"/);
    assert.equal(error.upstream?.code, 'Forbidden');
  });

  test('when the token has none at all, in the home tenant', async () => {
    for (const permissions of [[], undefined]) {
      const error = await refusalOf(permissions === undefined ? {} : { permissions }, graphCall);
      assert.equal(error.code, 'MissingPermission');
      assert.match(error.message, /ThreatHunting\.Read\.All; the token has no permission/);
      assert.match(error.nextStep ?? '', /"Microsoft Graph"/);
    }
  });

  test('when the token of a customer tenant has other permissions', async () => {
    const error = await refusalOf({ permissions: ['AdvancedHunting.Read.All'], context: customer });
    assert.equal(error.code, 'MissingPermission');
  });
});

describe('a 403 is AccessDenied', () => {
  for (const permission of ['Incident.Read.All', 'Incident.ReadWrite.All']) {
    test(`when the token has what reading incidents needs: ${permission}`, async () => {
      const error = await refusalOf({ permissions: [permission] });
      assert.deepEqual([error.code, error.message], ['AccessDenied', "Defender's own sentence."]);
    });
  }
});

describe('a 403 is ConsentRequired', () => {
  test('when the token of a customer tenant has no permission at all', async () => {
    const error = await refusalOf({ permissions: [], context: customer });
    assert.equal(error.code, 'ConsentRequired');
    assert.match(error.nextStep ?? '', consentUrl);
  });

  for (const code of ['AADSTS700016', 'AADSTS7000229', 'AADSTS65001']) {
    test(`when Entra gives no token for a customer tenant: ${code}`, async () => {
      const error = await refusalOf({ refuseToken: () => refuseWith(code), context: customer });
      assert.equal(error.code, 'ConsentRequired');
      assert.match(error.nextStep ?? '', consentUrl);
      assert.equal(error.upstream?.code, code);
    });
  }
});

describe('a token that cannot be had', () => {
  for (const code of ['AADSTS700016', 'AADSTS7000229']) {
    test(`is our own trouble in the home tenant: ${code}`, async () => {
      const { client } = openClient({ refuseToken: () => refuseWith(code) });
      await assert.rejects(client.send(safeCall), { name: 'UpstreamError', failure: 'refused' });
    });
  }

  test('for want of consent in the home tenant is MissingPermission', async () => {
    const error = await refusalOf({ refuseToken: () => refuseWith('AADSTS65001') });
    assert.equal(error.code, 'MissingPermission');
  });

  for (const code of ['AADSTS7000222', 'AADSTS90002']) {
    test(`for another reason is no matter of consent: ${code}`, async () => {
      const { client, httpClient } = openClient({ refuseToken: () => refuseWith(code), context: customer });
      await assert.rejects(client.send(safeCall), { name: 'UpstreamError' });
      assert.deepEqual(httpClient.requests, []);
    });
  }

  test('is not asked for again by the client, since each step has its own retries', async () => {
    const refuseToken = () => {
      throw new UpstreamError('Busy.', { service: 'entra', failure: 'refused', status: 503 });
    };
    const { client, scopes } = openClient({ refuseToken });
    await assert.rejects(client.send(safeCall), { name: 'UpstreamError' });
    assert.equal(scopes.length, 1);
  });
});

test('a 403 is not tried again, but the next call has a new token, which may have a role granted meanwhile', async () => {
  const { client, httpClient } = openClient({
    script: [forbidden, { body: 'done' }],
    permissions: ['Incident.Read.All'],
  });
  await assert.rejects(client.send(safeCall), { code: 'AccessDenied' });
  assert.equal(httpClient.requests.length, 1);
  assert.equal(await client.send(safeCall), 'done');
  assert.equal(httpClient.requests[1]?.headers.authorization, `Bearer ${createToken(2, ['Incident.Read.All'])}`);
});

function refuseWith(code: string): never {
  throw new UpstreamError('No token.', { service: 'entra', failure: 'refused', status: 400, code });
}

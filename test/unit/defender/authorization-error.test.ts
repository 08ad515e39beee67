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

describe('403 becomes MissingPermission', () => {
  test('when the token has other permissions, and names them and the required one', async () => {
    const error = await refusalOf({ permissions: ['AdvancedHunting.Read.All', 'Incident.Read.All'] }, unsafeCall);
    assert.equal(error.code, 'MissingPermission');
    for (const name of ['Incident.ReadWrite.All', 'AdvancedHunting.Read.All', 'Incident.Read.All']) {
      assert.ok(error.message.includes(name), name);
    }
    assert.match(error.nextStep ?? '', /Incident\.ReadWrite\.All of "Microsoft Threat Protection"/);
    assert.equal(error.upstream?.code, 'Forbidden');
  });

  test('when the token has no permissions in the home tenant', async () => {
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

describe('403 becomes AccessDenied', () => {
  for (const permission of ['Incident.Read.All', 'Incident.ReadWrite.All']) {
    test(`when the token has ${permission}`, async () => {
      const error = await refusalOf({ permissions: [permission] });
      assert.deepEqual([error.code, error.message], ['AccessDenied', "Defender's own sentence."]);
    });
  }
});

describe('403 becomes ConsentRequired', () => {
  test('when the token of a customer tenant has no permissions', async () => {
    const error = await refusalOf({ permissions: [], context: customer });
    assert.equal(error.code, 'ConsentRequired');
    assert.match(error.nextStep ?? '', consentUrl);
  });

  for (const code of ['AADSTS700016', 'AADSTS7000229', 'AADSTS65001']) {
    test(`when Entra issues no token for a customer tenant: ${code}`, async () => {
      const error = await refusalOf({ refuseToken: () => refuseWith(code), context: customer });
      assert.equal(error.code, 'ConsentRequired');
      assert.match(error.nextStep ?? '', consentUrl);
      assert.equal(error.upstream?.code, code);
    });
  }
});

describe('failed token acquisition', () => {
  for (const code of ['AADSTS700016', 'AADSTS7000229']) {
    test(`stays an Entra error in the home tenant: ${code}`, async () => {
      const { client } = openClient({ refuseToken: () => refuseWith(code) });
      await assert.rejects(client.send(safeCall), { name: 'UpstreamError', failure: 'refused' });
    });
  }

  test('becomes MissingPermission for AADSTS65001 in the home tenant', async () => {
    const error = await refusalOf({ refuseToken: () => refuseWith('AADSTS65001') });
    assert.equal(error.code, 'MissingPermission');
  });

  for (const code of ['AADSTS7000222', 'AADSTS90002']) {
    test(`stays an Entra error in a customer tenant: ${code}`, async () => {
      const { client, httpClient } = openClient({ refuseToken: () => refuseWith(code), context: customer });
      await assert.rejects(client.send(safeCall), { name: 'UpstreamError' });
      assert.deepEqual(httpClient.requests, []);
    });
  }

  test('leaves retries to the token acquisition', async () => {
    const refuseToken = () => {
      throw new UpstreamError('Busy.', { service: 'entra', failure: 'refused', status: 503 });
    };
    const { client, scopes } = openClient({ refuseToken });
    await assert.rejects(client.send(safeCall), { name: 'UpstreamError' });
    assert.equal(scopes.length, 1);
  });
});

test('after a 403 the call is not retried, and the next call acquires a new token', async () => {
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

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { bundleSdk } from './bundle-sdk.ts';
import { createRecordedApp } from './recorded-app.ts';
import { eventsOf } from './recorded-wire.ts';

const { createSink, remove } = await bundleSdk();
after(remove);

describe('telemetry to a resource without local authentication', () => {
  for (const authentication of [
    'Authorization=AAD',
    'ClientId=5d2e9c17-84ab-4f36-a0e1-b7c3d6f98e24;Authorization=AAD',
  ]) {
    test(`is sent with one token of the managed identity: ${authentication}`, async () => {
      const app = createRecordedApp(createSink, { APPLICATIONINSIGHTS_AUTHENTICATION_STRING: authentication });
      const clientId = /ClientId=([^;]+)/.exec(authentication)?.[1];
      await app.invoke('listIncidents', { path: 'incidents?top=2' });
      assert.equal(eventsOf(await app.sent(), 'UpstreamCall').length, 1);
      const [token, ...others] = [...app.ingestionTokens];
      assert.equal(others.length, 0);
      const claims = JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());
      assert.match(claims.aud, /^https:\/\/monitor\.azure\.com/);
      assert.equal(claims.appid, clientId ?? app.cloud.world.systemAssignedIdentity.clientId);
    });
  }

  test('is rejected without APPLICATIONINSIGHTS_AUTHENTICATION_STRING', async () => {
    const app = createRecordedApp(createSink, { APPLICATIONINSIGHTS_AUTHENTICATION_STRING: '' });
    await app.invoke('listIncidents', { path: 'incidents?top=2' });
    assert.deepEqual(await app.sent(), []);
    assert.equal(app.ingestionTokens.size, 0);
  });
});

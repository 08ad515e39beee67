import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { createPipelineRequest, type RestError } from '@azure/core-rest-pipeline';
import { ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { createCloud } from '../../sandbox/cloud.ts';
import { breakConnection, neverAnswer, refuseConnection } from '../../sandbox/faults.ts';
import { createInMemoryHttpClient } from '../../sandbox/in-memory-http-client.ts';
import { identityHeader } from '../../sandbox/managed-identity.ts';

const url = 'https://api.security.microsoft.com/api/incidents?$top=1';

describe('the in-memory client', () => {
  it('serves the Azure libraries from managed identity to token', async (t) => {
    t.mock.property(process, 'env', {
      IDENTITY_ENDPOINT: 'http://127.0.0.1:41932/msi/token',
      IDENTITY_HEADER: identityHeader,
    });
    const cloud = createCloud();
    const httpClient = createInMemoryHttpClient(cloud);
    const { home, application } = cloud.world;
    const identity = new ManagedIdentityCredential({ httpClient });
    const vault = new SecretClient('https://contoso-defender.vault.azure.net', identity, { httpClient });
    const { value = '' } = await vault.getSecret('defender-client-secret');
    const credential = new ClientSecretCredential(home.id, application.clientId, value, { httpClient });
    const { token } = await credential.getToken('https://api.security.microsoft.com/.default');
    const request = createPipelineRequest({ url });
    request.headers.set('authorization', `Bearer ${token}`);
    const { status, bodyAsText } = await httpClient.sendRequest(request);
    assert.equal(status, 200);
    assert.match(bodyAsText ?? '', /"incidentId":/);
  });

  it('streams a body when requested', async () => {
    const request = createPipelineRequest({ url, streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]) });
    const { status, readableStreamBody, bodyAsText } = await createInMemoryHttpClient(createCloud()).sendRequest(
      request,
    );
    assert.equal(status, 401);
    assert.equal(bodyAsText, undefined);
    assert.ok(readableStreamBody);
    assert.match(await text(readableStreamBody), /"Unauthorized"/);
  });

  it('fails with the code of the connection', async () => {
    const cloud = createCloud();
    const client = createInMemoryHttpClient(cloud);
    const codeOf = (address: string) =>
      client.sendRequest(createPipelineRequest({ url: address })).catch(({ code }: RestError) => code);
    const remove = cloud.faults.add({ service: 'defenderXdr', effect: breakConnection });
    assert.equal(await codeOf(url), 'ECONNRESET');
    remove();
    cloud.faults.add({ service: 'defenderXdr', effect: refuseConnection });
    assert.equal(await codeOf(url), 'ECONNREFUSED');
    assert.equal(await codeOf('https://nowhere.example/'), 'ENOTFOUND');
    assert.equal(cloud.calls.count('unknown'), 1);
  });

  it('waits for a missing response until it is aborted or times out', { timeout: 5000 }, async (t) => {
    const cloud = createCloud();
    cloud.faults.add({ effect: neverAnswer });
    const client = createInMemoryHttpClient(cloud);
    const abort = new AbortController();
    const aborted = client.sendRequest(createPipelineRequest({ url, abortSignal: abort.signal }));
    abort.abort();
    await assert.rejects(aborted, { name: 'AbortError' });
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const late = client.sendRequest(createPipelineRequest({ url, timeout: 10_000 }));
    t.mock.timers.tick(10_000);
    await assert.rejects(late, { name: 'AbortError' });
    assert.deepEqual(
      cloud.calls.all.map(({ status }) => status),
      ['pending', 'pending'],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../../sandbox/exchange.ts';
import { breakConnection, cutBody, holdUntil, loseAnswer, replyWith } from '../../sandbox/faults.ts';
import { describeFaults, namedFaults, switchOnFault } from '../../sandbox/named-faults.ts';
import { createCaller, read } from './caller.ts';
import { asCredential, parsePem, signAssertion } from './client-assertion.ts';

const incidents = 'https://api.security.microsoft.com/api/incidents?$top=1';

describe('a fault', () => {
  it('applies to its service, the given number of times, until it is removed', async () => {
    const { call, cloud } = createCaller();
    const remove = cloud.faults.add({ service: 'defenderXdr', times: 2, effect: replyWith(json(503, {})) });
    assert.equal((await call('GET', incidents)).status, 503);
    assert.equal((await call('GET', incidents)).status, 503);
    assert.equal((await call('GET', incidents)).status, 200);
    cloud.faults.add({ service: 'defenderXdr', effect: replyWith(json(500, {})) });
    remove();
    assert.equal((await call('GET', incidents)).status, 500);
    cloud.faults.clear();
    assert.equal((await call('GET', incidents)).status, 200);
  });

  it('holds a response until the test releases it', async () => {
    const { call, cloud } = createCaller();
    const gate = Promise.withResolvers<void>();
    cloud.faults.add({ service: 'defenderXdr', effect: holdUntil(gate.promise) });
    const answer = call('GET', incidents);
    assert.equal(await Promise.race([answer, new Promise((resolve) => setImmediate(() => resolve('held')))]), 'held');
    gate.resolve();
    assert.equal((await answer).status, 200);
  });

  it('can lose the response of a request that was applied', async () => {
    const { call, cloud } = createCaller();
    const [incident] = cloud.securityOf(cloud.world.home.id).incidents.all();
    cloud.faults.add({ service: 'defenderXdr', times: 1, effect: loseAnswer });
    const url = `https://api.security.microsoft.com/api/incidents/${incident?.incidentId}`;
    await assert.rejects(call('PATCH', url, { tags: ['done'] }), /the connection broke/);
    assert.deepEqual(read((await call('GET', url)).body, 'tags'), ['done']);
  });

  it('can truncate a body', async () => {
    const { call, cloud } = createCaller();
    cloud.faults.add({ service: 'defenderXdr', effect: cutBody });
    await assert.rejects(call('GET', incidents), SyntaxError);
  });

  it('appears in the call log', async () => {
    const { send, cloud } = createCaller();
    cloud.faults.add({ effect: breakConnection });
    await assert.rejects(send('GET', incidents, { authorization: 'Bearer a.b.c', 'client-request-id': '42' }));
    const [logged] = cloud.calls.of('defenderXdr');
    assert.equal(logged?.status, 'broken');
    assert.deepEqual(logged?.headers, { 'client-request-id': '42' });
  });
});

describe('a named fault', () => {
  it('rotates the secret right after it was read', async () => {
    const { readSecret, requestToken, cloud } = createCaller();
    switchOnFault(cloud, 'rotated-secret');
    const readValue = async () => read<string>(await readSecret('defender-client-secret'), 'value');
    assert.equal((await requestToken({ client_secret: await readValue() })).status, 401);
    assert.equal((await requestToken({ client_secret: await readValue() })).status, 200);
  });

  const certificateFaults: readonly [name: string, codes: readonly (number | undefined)[]][] = [
    ['rotated-certificate', [700027, undefined]],
    ['expired-certificate', [700027, 700027]],
    ['unregistered-certificate', [700027, 700027]],
    ['assertion-out-of-time', [700024, 700024]],
  ];
  for (const [name, codes] of certificateFaults) {
    it(`corrupts the certificate: ${name}`, async () => {
      const { readSecret, requestToken, cloud } = createCaller();
      await cloud.administrator.rotateCertificate();
      await switchOnFault(cloud, name);
      for (const code of codes) {
        const certificate = parsePem(read(await readSecret('defender-client-certificate'), 'value'));
        const { body } = await requestToken(asCredential(await signAssertion(cloud, certificate)));
        assert.equal(read<number[] | undefined>(body, 'error_codes')?.[0], code);
      }
    });
  }

  it('can be switched on, each by itself', async () => {
    for (const name of namedFaults.keys()) await switchOnFault(createCaller().cloud, name);
  });

  it('lists all names for an unknown one', () => {
    assert.throws(() => switchOnFault(createCaller().cloud, 'earthquake'), /fault 'earthquake'[\s\S]+outage:keyVault/);
    assert.equal(describeFaults().split('\n').length, namedFaults.size);
  });
});

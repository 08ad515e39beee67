import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCloud } from '../sandbox/cloud.ts';
import { breakConnection } from '../sandbox/faults.ts';
import { type Sandbox, startSandbox } from '../sandbox/proxy.ts';

const client = fileURLToPath(new URL('./sandbox-client.ts', import.meta.url));

/** Runs a process that knows nothing of the sandbox but its environment. */
async function runClient(sandbox: Sandbox): Promise<unknown> {
  const child = spawn(process.execPath, [client], {
    env: { PATH: process.env.PATH, ...sandbox.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output: unknown = JSON.parse(await text(child.stdout));
  return output;
}

describe('the sandbox as a proxy', () => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox({ cloud: createCloud({ behavior: { limits: false } }) });
  });
  after(() => sandbox.stop());

  it('serves an unchanged process from managed identity to incidents, by production host names', async () => {
    assert.deepEqual(await runClient(sandbox), {
      viaPipeline: { status: 200, incidents: 20 },
      viaFetch: { status: 200, hasSchema: true },
    });
    const { calls } = sandbox.cloud;
    assert.equal(calls.count('managedIdentity'), 1);
    assert.deepEqual(
      calls.of('keyVault').map(({ status }) => status),
      [401, 200],
    );
    assert.deepEqual(
      calls.of('defenderXdr').map(({ tenantId }) => tenantId),
      [sandbox.cloud.world.home.id],
    );
    assert.equal(calls.count('unknown'), 0);
  });

  it('keeps connections open', async () => {
    const agent = new Agent({ keepAlive: true });
    const isReused = async () => {
      const request = get(sandbox.environment.IDENTITY_ENDPOINT ?? '', { agent });
      await new Promise((resolve) => request.on('response', (response) => response.resume().on('end', resolve)));
      return request.reusedSocket;
    };
    assert.deepEqual([await isReused(), await isReused()], [false, true]);
    agent.destroy();
  });

  it('breaks a connection for a fault', async () => {
    const remove = sandbox.cloud.faults.add({ service: 'managedIdentity', effect: breakConnection });
    await assert.rejects(fetch(sandbox.environment.IDENTITY_ENDPOINT ?? ''), { message: 'fetch failed' });
    remove();
  });

  it('fails when its port is in use', async () => {
    await assert.rejects(startSandbox({ port: sandbox.port }), /cannot listen on port \d+: is it in use\?/);
  });
});

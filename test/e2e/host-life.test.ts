import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startHost } from '../host/host.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../host/${name}`, import.meta.url));

describe('the local host with a failing app', () => {
  it('restarts a process that died, and gives up the third time', async () => {
    const host = await startHost({ appDirectory: fixture('fixture-app') });
    try {
      const waiting = fetch(`${host.url}/api/waits`);
      for (const status of [500, 500]) {
        assert.equal((await fetch(`${host.url}/api/dies`)).status, status);
        assert.equal((await fetch(`${host.url}/api/large`)).status, 200);
      }
      assert.equal((await waiting).status, 500);
      assert.equal((await fetch(`${host.url}/api/dies`)).status, 500);
      const response = await fetch(`${host.url}/api/large`);
      assert.deepEqual([response.status, await response.text()], [503, 'Function host is not running.']);
    } finally {
      await host.stop();
    }
  });

  it('reports why the app cannot be loaded', async () => {
    const lines: string[] = [];
    const start = startHost({ appDirectory: fixture('fixture-broken'), log: (line) => lines.push(line) });
    await assert.rejects(start, { name: 'AppUnavailableError' });
    assert.match(lines.join('\n'), /The app did not load: Error: broken on purpose\n\s+at .*fixture-broken/);
  });

  it('fails when its port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await assert.rejects(startHost({ appDirectory: fixture('fixture-app'), port }), { code: 'EADDRINUSE' });
    server.close();
  });
});

describe('the process of the app', () => {
  it('ends when the host dies', async () => {
    const child = spawn(process.execPath, [fixture('worker.ts')], {
      cwd: fixture('fixture-app'),
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const exited = once(child, 'exit');
    const channel = child.stdio[3];
    if (!channel) throw new Error('The process has no channel.');
    await once(channel, 'data');
    channel.destroy();
    assert.deepEqual(await exited, [1, null]);
  });
});

describe('the local host with a streaming app', () => {
  it('streams requests and replies through the library', async () => {
    const host = await startHost({ appDirectory: fixture('fixture-streaming') });
    try {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('chunks'));
          controller.close();
        },
      });
      const init = { method: 'POST', body, duplex: 'half', headers: { 'x-agent': 'tests' } } as RequestInit;
      const response = await fetch(`${host.url}/streamed/7`, init);
      assert.equal(response.status, 201);
      assert.equal(response.headers.get('x-id'), '7');
      assert.equal(response.headers.get('x-agent'), 'tests');
      assert.match(response.headers.get('x-ms-invocation-id') ?? '', /^[0-9a-f-]{36}$/);
      assert.equal(await response.text(), 'got chunks at /streamed/7');
      assert.equal(await (await fetch(`${host.url}/other`)).text(), 'other');
    } finally {
      await host.stop();
    }
  });
});

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { createCallbackClient } from '../../../shared/outbound/callback-client.ts';
import { createDeliver } from '../../../shared/webhooks/deliver.ts';
import { createFakeClock } from '../fake-clock.ts';

/** A name that resolves to this machine everywhere. */
const url = 'https://localhost/';

describe('the callback client', () => {
  it('does not connect to a private address', async () => {
    await assert.rejects(createCallbackClient({}).sendRequest(createPipelineRequest({ url })), /not public/);
  });

  it('fails with a reason that subscribers can read', async () => {
    const client = createCallbackClient({});
    // As if an allowed host name resolved to this machine.
    const sendRequest: typeof client.sendRequest = (request) =>
      client.sendRequest(createPipelineRequest({ ...request, url }));
    const deliver = createDeliver({ sendRequest }, createFakeClock(), ['*.logic.azure.com']);
    const outcome = await deliver(
      { callbackUrl: 'https://x.logic.azure.com/', signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      'msg_1',
      '{}',
    );
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.failure.detail, /an address that is not public/);
  });

  it('opens at most 64 connections to a host', async (t) => {
    const sockets = new Set<Socket>();
    const silent = createTcpServer((socket) => sockets.add(socket.on('error', () => {})));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const calls = new AbortController();
    t.after(() => {
      calls.abort();
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    // The name of the proxy may have a private address.
    const client = createCallbackClient({ HTTPS_PROXY: 'http://localhost:1', NO_PROXY: 'localhost' });
    const { port } = Object(silent.address());
    const abortSignal = calls.signal;
    for (let count = 0; count < 80; count++)
      void client
        .sendRequest(createPipelineRequest({ url: `https://localhost:${port}/`, abortSignal }))
        .catch(() => {});
    while (sockets.size < 64) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(sockets.size, 64);
  });

  it('leaves the check to the proxy, which may have a private address', async (t) => {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => proxy.close());
    const { port } = Object(proxy.address());
    const client = createCallbackClient({ HTTPS_PROXY: `http://localhost:${port}` });
    await assert.rejects(client.sendRequest(createPipelineRequest({ url: 'https://x.logic.azure.com/' })));
    assert.deepEqual(asked, ['x.logic.azure.com:443']);
  });
});

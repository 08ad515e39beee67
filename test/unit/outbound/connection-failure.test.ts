import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { toConnectionFailure } from '../../../shared/outbound/connection-failure.ts';
import { createHttpClient } from '../../../shared/outbound/transport.ts';

const wrap = (message: string, code: string) => new RestError(message, { code });

describe('toConnectionFailure', () => {
  for (const [message, code] of [
    ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'],
    ['getaddrinfo ENOTFOUND contoso', 'ENOTFOUND'],
    ['connect EHOSTUNREACH 10.0.0.1:443', 'EHOSTUNREACH'],
    ['', 'ENETUNREACH'],
  ] as const) {
    it(`knows that nothing was sent: "${message}"`, () =>
      assert.deepEqual(toConnectionFailure(wrap(message, code)), { code, isUnsent: true }));
  }

  for (const [message, code] of [
    ['read EHOSTUNREACH', 'EHOSTUNREACH'],
    ['write ENETUNREACH', 'ENETUNREACH'],
    ['read ECONNRESET', 'ECONNRESET'],
    ['socket hang up', 'ECONNRESET'],
  ] as const) {
    it(`takes the request as sent: "${message}"`, () =>
      assert.deepEqual(toConnectionFailure(wrap(message, code)), { code, isUnsent: false }));
  }

  it('reads the system error of a cause', () => {
    const cause = Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH', syscall: 'connect' });
    assert.deepEqual(toConnectionFailure(new Error('failed', { cause })), { code: 'ENETUNREACH', isUnsent: true });
  });

  it('recognizes a refused connection of the real client', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const request = createPipelineRequest({ url: `http://localhost:${port}`, allowInsecureConnection: true });
    const failure = await createHttpClient({}).sendRequest(request).catch(toConnectionFailure);
    assert.deepEqual(failure, { code: 'ECONNREFUSED', isUnsent: true });
  });
});

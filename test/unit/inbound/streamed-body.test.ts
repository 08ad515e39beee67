import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { UpstreamError } from '../../../shared/errors.ts';
import { endpoint } from '../../../shared/inbound/endpoint.ts';
import { json } from '../../../shared/inbound/reply.ts';
import type { Endpoint } from '../../../shared/inbound/request-context.ts';
import { call, createRequest } from './http-call.ts';

describe('a streamed body', () => {
  const streaming = (stream: () => AsyncIterable<Uint8Array>): Endpoint =>
    endpoint({
      route: 'GET things',
      summary: 'x',
      authLevel: 'anonymous',
      hasTenant: false,
      reply: { ...json(z.unknown()), serialize: () => ({ contentType: 'text/csv', stream: stream() }) },
      handle: () => undefined,
    });

  it('arrives complete', async () => {
    for (const pieces of [[], ['a'], ['a', 'b', 'c']]) {
      const declared = streaming(async function* () {
        for (const piece of pieces) yield Buffer.from(piece);
      });
      const { status, text, headers } = await call(declared, createRequest());
      assert.deepEqual([status, text, headers.get('content-type')], [200, pieces.join(''), 'text/csv']);
    }
  });

  it('returns a problem if it fails after its first bytes', async () => {
    const declared = streaming(async function* () {
      yield Buffer.from('first');
      throw new UpstreamError('The blob is gone.', { service: 'storage', failure: 'refused', status: 404 });
    });
    const { status, json: problem, log } = await call(declared, createRequest());
    assert.deepEqual([status, problem().code], [502, 'UpstreamFailed']);
    assert.deepEqual(log, ['warning: refused (storage 404): The blob is gone.']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import { endpoint } from '../../../shared/inbound/endpoint.ts';
import type { HandlerContext } from '../../../shared/inbound/handler-context.ts';
import { json } from '../../../shared/inbound/reply.ts';
import { call, createRequest } from './http-call.ts';

const handling = (handle: (context: HandlerContext<unknown, unknown, unknown>) => unknown) =>
  endpoint({
    route: 'GET things',
    summary: 'x',
    authLevel: 'anonymous',
    hasTenant: false,
    reply: json(z.unknown()),
    handle,
  });

const throwing = (error: unknown) =>
  handling(() => {
    throw error;
  });

describe('log lines', () => {
  const forged = 'x\r\nerror: forged \u2028\u001b[2J';
  const errors: [string, unknown][] = [
    ['a code of a service', new UpstreamError('x', { service: 'defender', failure: 'refused', code: forged })],
    ['a message of a service', new UpstreamError(forged, { service: 'entra', failure: 'refused' })],
    [
      'a code of a request error',
      new RequestError(400, 'InvalidQuery', 'x', { upstream: { service: 'graph', requestId: forged } }),
    ],
    ['the message of a bug', new TypeError(forged)],
    ['anything thrown', forged],
  ];
  for (const [name, error] of errors) {
    it(`cannot be forged by ${name}`, async () => {
      const { log } = await call(throwing(error), createRequest());
      assert.equal(log.length, 1);
      // The frames of a bug's stack have lines of their own.
      const lines = (log[0] ?? '').split('\n').filter((line) => !/^ +at /.test(line));
      assert.equal(lines.length, 1);
      assert.doesNotMatch(lines.join(), /\p{Cc}|\p{Zl}/u);
    });
  }

  it('cannot be forged by a handler', async () => {
    const declared = handling(({ log }) => log.warn(forged));
    const { log } = await call(declared, createRequest());
    assert.deepEqual(log, ['warning: x error: forged  [2J']);
  });
});

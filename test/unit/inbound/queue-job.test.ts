import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { ConfigError, UpstreamError } from '../../../shared/errors.ts';
import { queueJob } from '../../../shared/inbound/queue-job.ts';
import { homeTenantId } from '../settings.ts';
import { createContext, createTestApp } from './http-call.ts';

const message = z.strictObject({ tenantId: z.string() });
const common = { summary: 'x', queue: 'x-queue', message };

test('a queue job gets the services, the message and the log', async () => {
  const { context, log } = createContext();
  const declared = queueJob({
    ...common,
    handle: async ({ config }, { tenantId }, own) => own.info(`${config.homeTenantId} ${tenantId}`),
  });
  await declared.run(createTestApp(), { tenantId: 'a' }, context);
  assert.deepEqual(log, [`information: ${homeTenantId} a`]);
});

for (const entry of ['{"broken', { tenantId: 1 }, { tenantId: 'a', other: 'of-somebody' }, null]) {
  test(`a message such as ${JSON.stringify(entry)} is given back, and nothing of it is told`, async () => {
    const { context, log } = createContext();
    const declared = queueJob({ ...common, handle: () => assert.fail('It ran') });
    await assert.rejects(declared.run(createTestApp(), entry, context), TypeError);
    assert.match(log.join(), /x-queue is none of ours/);
    assert.doesNotMatch(log.join(), /of-somebody|broken/);
  });
}

test('a queue job that fails is logged once, and fails for the host too', async () => {
  const { context, log } = createContext();
  const error = new UpstreamError('No token.', { service: 'entra', failure: 'timeout' });
  const declared = queueJob({ ...common, handle: () => Promise.reject(error) });
  await assert.rejects(declared.run(createTestApp(), { tenantId: 'a' }, context), error);
  assert.deepEqual(log, ['warning: timeout (entra): No token.']);
});

test('a queue job fails when settings are wrong', async () => {
  const { context, log } = createContext();
  const declared = queueJob({ ...common, handle: () => assert.fail('It ran') });
  await assert.rejects(declared.run(createTestApp({}, {}), { tenantId: 'a' }, context), ConfigError);
  assert.equal(log.length, 1);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { ConfigError, UpstreamError } from '../../../shared/errors.ts';
import { queueJob } from '../../../shared/inbound/queue-job.ts';
import { homeTenantId } from '../settings.ts';
import { createContext, createTestApp } from './http-call.ts';

const message = z.strictObject({ tenantId: z.string() });
const common = { summary: 'x', queue: 'x-queue', message };

describe('queueJob', () => {
  it('passes services, message and log to its handler', async () => {
    const { context, log } = createContext();
    const declared = queueJob({
      ...common,
      handle: async ({ config }, { tenantId }, own) => own.info(`${config.homeTenantId} ${tenantId}`),
    });
    await declared.run(createTestApp(), { tenantId: 'a' }, context);
    assert.deepEqual(log, [`information: ${homeTenantId} a`]);
  });

  for (const entry of ['{"broken', { tenantId: 1 }, { tenantId: 'a', other: 'someone-elses' }, null]) {
    it(`rejects the message ${JSON.stringify(entry)} and does not log its values`, async () => {
      const { context, log } = createContext();
      const declared = queueJob({ ...common, handle: () => assert.fail('It ran') });
      await assert.rejects(declared.run(createTestApp(), entry, context), TypeError);
      assert.match(log.join(), /queue x-queue/);
      assert.doesNotMatch(log.join(), /someone-elses|broken/);
    });
  }

  it('logs a failure once and rethrows it for the host', async () => {
    const { context, log } = createContext();
    const error = new UpstreamError('No token.', { service: 'entra', failure: 'timeout' });
    const declared = queueJob({ ...common, handle: () => Promise.reject(error) });
    await assert.rejects(declared.run(createTestApp(), { tenantId: 'a' }, context), error);
    assert.deepEqual(log, ['warning: timeout (entra): No token.']);
  });

  it('fails if settings are invalid', async () => {
    const { context, log } = createContext();
    const declared = queueJob({ ...common, handle: () => assert.fail('It ran') });
    await assert.rejects(declared.run(createTestApp({}, {}), { tenantId: 'a' }, context), ConfigError);
    assert.equal(log.length, 1);
  });
});

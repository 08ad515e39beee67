import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError, UpstreamError } from '../../../shared/errors.ts';
import { job } from '../../../shared/inbound/job.ts';
import { homeTenantId } from '../settings.ts';
import { createContext, createTestApp } from './http-call.ts';

const schedule = { setting: 'X_SCHEDULE', defaultValue: '0 0 * * * *' };
const timer = {
  isPastDue: false,
  schedule: { adjustForDST: true },
  scheduleStatus: { last: '', next: '', lastUpdated: '' },
};

describe('job', () => {
  it('passes services and log to its handler', async () => {
    const { context, log } = createContext();
    const declared = job({
      summary: 'x',
      schedule,
      handle: async ({ config }, own) => own.info(config.homeTenantId),
    });
    await declared.run(createTestApp(), timer, context);
    assert.deepEqual(log, [`information: ${homeTenantId}`]);
  });

  it('logs a failure once and rethrows it for the host', async () => {
    const { context, log } = createContext();
    const error = new UpstreamError('No token.', { service: 'entra', failure: 'timeout' });
    const declared = job({ summary: 'x', schedule, handle: () => Promise.reject(error) });
    await assert.rejects(declared.run(createTestApp(), timer, context), error);
    assert.deepEqual(log, ['warning: timeout (entra): No token.']);
  });

  it('fails if settings are invalid', async () => {
    const { context, log } = createContext();
    const declared = job({ summary: 'x', schedule, handle: () => assert.fail('It ran') });
    await assert.rejects(declared.run(createTestApp({}, {}), timer, context), ConfigError);
    assert.equal(log.length, 1);
  });
});

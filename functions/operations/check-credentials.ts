import { job } from '../../shared/inbound/job.ts';

/** Refreshes tokens and warns before the client secret or certificate expires. */
export const checkCredentials = job({
  summary: 'Refresh tokens and warn before the credential expires',
  schedule: { setting: 'CHECK_CREDENTIALS_SCHEDULE', defaultValue: '0 0 * * * *' },
  async handle(services, log) {
    const { checkCredentials } = await import('../../shared/health/credential-check.ts');
    await checkCredentials(services, log);
  },
});

import { job } from '../../shared/inbound/job.ts';

/** Keeps the tokens of every tenant fresh, and warns before the secret expires. */
export const checkCredentials = job({
  summary: 'Renew tokens and watch the expiry of the credential',
  schedule: { setting: 'CHECK_CREDENTIALS_SCHEDULE', defaultValue: '0 0 * * * *' },
  async handle(services, context) {
    // Loaded when it is due: no answer should wait for it.
    const automation = await import('../../shared/health/check-credentials.ts');
    await automation.checkCredentials(services, context);
  },
});

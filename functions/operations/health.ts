import { health as healthSchema } from '../../shared/health/health-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';

/** Whether the app can do its work: every step to a token, and what the tokens allow, in every tenant. */
export const health = endpoint({
  route: 'GET health',
  summary: "Check the app's credentials and permissions",
  role: 'Health.Read',
  hasTenant: false,
  reply: json(healthSchema, { statuses: [200, 503], statusOf: ({ status }) => (status === 'unhealthy' ? 503 : 200) }),
  async handle({ services, app }) {
    // Loaded when it is asked for: no other answer should wait for it.
    const { checkHealth } = await import('../../shared/health/check-health.ts');
    return await checkHealth(services, app.version);
  },
});

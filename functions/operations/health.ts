import { UpstreamError } from '../../shared/errors.ts';
import { health as healthSchema } from '../../shared/health/health-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
import type { Services } from '../../shared/services.ts';

/** Every step to a token and its permissions, for every API in every tenant. */
export const health = endpoint({
  route: 'GET health',
  summary: 'Check credentials and permissions',
  role: 'Health.Read',
  hasTenant: false,
  reply: json(healthSchema, {
    description: 'Health of the app; 503 if it is unhealthy',
    statuses: [200, 503],
    statusOf: ({ status }) => (status === 'unhealthy' ? 503 : 200),
  }),
  async handle({ services, app }) {
    const { checkHealth } = await import('../../shared/health/check-health.ts');
    return await checkHealth(services, app.version, await readFeeds(services));
  },
});

/** Without storage there are no feeds. A storage failure does not make the credentials unhealthy. */
async function readFeeds({ config, openAutomation }: Services) {
  if (config.storage === undefined) return undefined;
  try {
    const { readFeedStatuses } = await openAutomation();
    return await readFeedStatuses();
  } catch (error) {
    if (error instanceof UpstreamError && error.upstream.service === 'storage') return undefined;
    throw error;
  }
}

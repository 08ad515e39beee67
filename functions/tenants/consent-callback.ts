import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { html } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { readGuid } from '../../shared/tenant-id.ts';

const text = z.optional(z.string());

/** Where Entra sends an administrator back to who has granted consent, or has not. */
export const consentCallback = endpoint({
  route: 'GET tenants/consent',
  summary: 'Come back from admin consent',
  description: 'A page for the administrator who followed the link of onboardTenant. Nobody calls it but Entra.',
  authLevel: 'anonymous',
  hasTenant: false,
  allowUnknownQuery: true,
  query: z.object({
    state: withDescription(text, 'What the link brought along: good once, for an hour'),
    tenant: withDescription(text, 'The id of the tenant that consented'),
    admin_consent: withDescription(text, '`True` when consent was granted'),
    error: withDescription(text, 'Why it was not'),
  }),
  reply: html('A page that says what happened', [200, 400]),
  async handle({ query, services }) {
    const outcome = await services.onboarding.complete({
      state: query.state,
      tenantId: readGuid(query.tenant ?? ''),
      isGranted: query.admin_consent?.toLowerCase() === 'true' && query.error === undefined,
      isRefused: query.error !== undefined,
    });
    // Loaded when it is asked for: no other answer should wait for it.
    const { createConsentPage } = await import('./consent-page.ts');
    return createConsentPage(outcome);
  },
});

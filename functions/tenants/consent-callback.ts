import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { html } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { readGuid } from '../../shared/tenant-id.ts';

const text = z.optional(z.string());

/** The redirect target of admin consent. */
export const consentCallback = endpoint({
  route: 'GET tenants/consent',
  summary: 'Receive the result of admin consent',
  description: 'Redirect target of the consent link of onboardTenant. Returns a page for the administrator.',
  authLevel: 'anonymous',
  hasTenant: false,
  allowUnknownQuery: true,
  query: z.object({
    state: withDescription(text, 'State of the consent link, valid once and for an hour'),
    tenant: withDescription(text, 'Tenant ID'),
    admin_consent: withDescription(text, '`True` if consent was granted'),
    error: withDescription(text, 'Reason of a refusal'),
  }),
  reply: html('Result page; 400 for an invalid state', [200, 400]),
  async handle({ query, services }) {
    const outcome = await services.onboarding.complete({
      state: query.state,
      tenantId: readGuid(query.tenant ?? ''),
      isGranted: query.admin_consent?.toLowerCase() === 'true' && query.error === undefined,
      isRefused: query.error !== undefined,
    });
    const { createConsentPage } = await import('./consent-page.ts');
    return createConsentPage(outcome);
  },
});

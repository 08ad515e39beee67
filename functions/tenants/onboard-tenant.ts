import * as z from 'zod/mini';
import { createConsentUrl } from '../../shared/defender/consent-url.ts';
import { invalidRequest } from '../../shared/errors.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { tenantIdOrDomain } from '../../shared/inbound/input.ts';
import { jsonAnswer } from '../../shared/inbound/reply.ts';
import { requireFound } from '../../shared/inbound/require-found.ts';
import { withDescription } from '../../shared/schema.ts';
import { tenant, toTenantReply } from './tenant-reply.ts';

/** Adds a pending customer tenant, which is served once its administrator has consented at the link. */
export const onboardTenant = endpoint({
  route: 'POST tenants',
  summary: 'Onboard a tenant',
  role: 'Tenant.ReadWrite',
  hasTenant: false,
  takesIdempotencyKey: true,
  body: z.strictObject({
    tenantId: withDescription(tenantIdOrDomain, 'Tenant ID or verified domain'),
  }),
  auditTarget: ({ body }) => ({ type: 'tenant', id: body.tenantId }),
  reply: jsonAnswer(
    z.extend(tenant, {
      consentUrl: withDescription(
        z.url(),
        'Consent link for an administrator of the tenant, valid once and for an hour',
      ),
    }),
    { description: 'The tenant with a new consent link; 200 if it exists', statuses: [200, 201] },
  ),
  async handle({ body, services, baseUrl }) {
    const { config, onboarding, tenants } = services;
    const invitation = await onboarding.invite(body.tenantId);
    if (invitation === undefined) {
      throw invalidRequest([
        { in: 'body', name: '/tenantId', detail: 'must be the id or a domain of an existing tenant' },
      ]);
    }
    const { tenantId, isNew, state } = invitation;
    const back = state === undefined ? undefined : { state, redirectUri: `${baseUrl}/tenants/consent` };
    const consentUrl = createConsentUrl(config.cloud, tenantId, config.clientId, back);
    const found = (await tenants.listTenants()).find((each) => each.tenantId === tenantId);
    const invited = requireFound(found, `Tenant ${tenantId}`);
    return { status: isNew ? 201 : 200, value: { ...toTenantReply(invited), consentUrl } };
  },
});

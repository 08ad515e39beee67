import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import { createTransport } from '../outbound/transport.ts';
import { readGuid } from '../tenant-id.ts';
import type { RunStep } from './credential-step.ts';

const openIdConfiguration = z.object({ issuer: z.url() });

/** Reads the id of a domain's tenant from Entra's OpenID configuration; undefined if no tenant has the domain. */
export function createTenantResolver(runStep: RunStep, authority: string) {
  return (domain: string): Promise<string | undefined> =>
    runStep('entra', async ({ httpClient }) => {
      const url = `${authority}/${encodeURIComponent(domain)}/v2.0/.well-known/openid-configuration`;
      const request = createPipelineRequest({ url, headers: createHttpHeaders({ accept: 'application/json' }) });
      const response = await createTransport(httpClient)(request);
      if (response.status === 400 || response.status === 404) return undefined;
      const { issuer } = openIdConfiguration.parse(JSON.parse(response.bodyAsText ?? ''));
      const tenantId = readGuid(new URL(issuer).pathname.split('/')[1] ?? '');
      if (tenantId === undefined) throw new TypeError('The issuer has no tenant id');
      return tenantId;
    });
}

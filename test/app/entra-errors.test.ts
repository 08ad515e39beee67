import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import { startApp } from './harness.ts';
import { assertProblem } from './replies.ts';
import { createTestCloud } from './test-app.ts';

/** Refusals of Entra: status, `error` and AADSTS number, and the expected next step. */
const refusals: readonly [status: number, error: string, number: number, nextStep: RegExp][] = [
  [401, 'invalid_client', 7000215, /new client secret/],
  [401, 'invalid_client', 7000222, /new client secret/],
  [401, 'invalid_client', 7000218, /confidential client/],
  [400, 'unauthorized_client', 7000112, /Enable the enterprise application/],
  [400, 'invalid_request', 90002, /DEFENDER_CLOUD/],
  [400, 'invalid_resource', 500011, /license/],
  [400, 'invalid_scope', 70011, /DEFENDER_CLOUD/],
  [400, 'invalid_scope', 700022, /DEFENDER_CLOUD/],
  [400, 'invalid_request', 901002, /DEFENDER_CLOUD/],
  [400, 'invalid_request', 9001023, /DEFENDER_TENANT_ID/],
  [401, 'invalid_client', 700024, /clock/],
  [401, 'invalid_client', 700027, /certificate/],
  [400, 'invalid_request', 70021, /federated credential/],
  [400, 'invalid_request', 700229, /federated credential/],
  [429, 'temporarily_unavailable', 90055, /Wait/],
  [503, 'temporarily_unavailable', 90024, /Wait/],
  [503, 'temporarily_unavailable', 90033, /Wait/],
  [400, 'invalid_request', 900382, /DEFENDER_CLOUD/],
  [400, 'invalid_request', 900432, /DEFENDER_CLOUD/],
  [400, 'invalid_request', 90038, /DEFENDER_CLOUD/],
  [400, 'invalid_request', 999999, /login\.microsoftonline\.com\/error/],
];

/** A customer tenant that does not know the application, or no longer does. */
const withoutConsent: readonly [status: number, error: string, number: number][] = [
  [400, 'unauthorized_client', 700016],
  [401, 'invalid_client', 7000229],
  [400, 'invalid_grant', 65001],
];

// One tenant for each refusal, so that all run at once.
const cloud = createTestCloud();
const tenantIds = new Map(
  [...refusals, ...withoutConsent].map(([, , number]) => {
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    cloud.administrator.addTenant({ id, domain: `t${number}.example`, displayName: `T${number}`, incidentCount: 1 });
    return [number, id];
  }),
);
const { call, stop } = await startApp({ cloud, settings: { DEFENDER_TENANTS: [...tenantIds.values()].join(',') } });
after(stop);

/** Calls in a tenant for which Entra has only this refusal. */
async function callRefused(status: number, error: string, number: number, tenantId: string) {
  const description = `AADSTS${number}: Refused.\r\nTrace ID: ${tenantId}\r\nTimestamp: 2026-11-20 09:00:00Z`;
  const body = { error, error_description: description, error_codes: [number], trace_id: tenantId };
  cloud.faults.add({
    service: 'entra',
    match: ({ url }) => new URL(url).pathname.startsWith(`/${tenantId}/`),
    effect: replyWith(json(status, body)),
  });
  return await call(`GET /incidents?tenantId=${tenantId}`);
}

describe('a refusal of Entra', { concurrency: true }, () => {
  for (const [status, error, number, nextStep] of refusals) {
    it(`is reported with its code and a next step: AADSTS${number}`, async () => {
      const tenantId = tenantIds.get(number) ?? '';
      const reply = await callRefused(status, error, number, tenantId);
      const problem = assertProblem(reply, 503, 'CredentialUnavailable');
      assert.deepEqual(problem.upstream, {
        service: 'entra',
        status,
        code: `AADSTS${number}`,
        requestId: tenantId,
      });
      assert.match(problem.nextStep ?? '', nextStep);
    });
  }

  for (const [status, error, number] of withoutConsent) {
    it(`for missing consent is 403 with the consent link: AADSTS${number}`, async () => {
      const tenantId = tenantIds.get(number) ?? '';
      const reply = await callRefused(status, error, number, tenantId);
      const problem = assertProblem(reply, 403, 'ConsentRequired');
      assert.equal(problem.upstream?.code, `AADSTS${number}`);
      const link = new URL(/https:\S+/.exec(problem.nextStep ?? '')?.[0] ?? '');
      assert.equal(`${link.origin}${link.pathname}`, `https://login.microsoftonline.com/${tenantId}/adminconsent`);
      assert.equal(link.searchParams.get('client_id'), cloud.world.application.clientId);
    });
  }
});

describe('a refusal of Entra in the home tenant', () => {
  it('is 503 CredentialUnavailable when the application is unknown', async () => {
    for (const [status, error, number] of withoutConsent.slice(0, 2)) {
      const reply = await callRefused(status, error, number, cloud.world.home.id);
      const problem = assertProblem(reply, 503, 'CredentialUnavailable');
      assert.equal(problem.upstream?.code, `AADSTS${number}`);
      assert.ok(problem.nextStep);
      cloud.faults.clear();
    }
  });

  it('is 403 MissingPermission when consent is missing', async () => {
    const reply = await callRefused(400, 'invalid_grant', 65001, cloud.world.home.id);
    const problem = assertProblem(reply, 403, 'MissingPermission');
    assert.equal(problem.upstream?.code, 'AADSTS65001');
  });
});

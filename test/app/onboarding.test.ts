import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { json } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import type { Tenant } from '../sandbox/world.ts';
import type { Reply } from './call.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus, pageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, faults, world } = cloud;
const { home } = world;
const [, fabrikam] = world.tenants;
assert.ok(fabrikam);
const app = await useApp({ cloud, settings: { DEFENDER_TENANTS: fabrikam.id }, hasStorage: true });
const { call, host } = app;

let customers = 0;
/** A customer that has heard of nothing yet. */
function newCustomer(): Tenant {
  const number = String(++customers).padStart(12, '0');
  const tenant = administrator.addTenant({
    id: `77777777-0000-4000-8000-${number}`,
    domain: `customer-${customers}.example`,
    displayName: `Customer ${customers}`,
    incidentCount: 2,
  });
  administrator.revokeConsent(tenant);
  return tenant;
}

const tenantSchema = z.strictObject({
  tenantId: z.uuid(),
  state: z.enum(['home', 'pending', 'consented', 'revoked']),
  lastSuccessAt: z.optional(z.iso.datetime()),
  lastError: z.optional(z.strictObject({ code: z.string(), at: z.iso.datetime() })),
  consentUrl: z.optional(z.url()),
});
const list = z.strictObject({ value: z.array(tenantSchema), nextLink: z.optional(z.url()) });

const onboard = (tenantId: string) => call('POST /tenants', { json: { tenantId } });
const incidentsOf = ({ id }: Tenant) => call(`GET /incidents?tenantId=${id}`);

async function invite(tenant: Tenant): Promise<URL> {
  const reply = await onboard(tenant.id);
  assert.ok(reply.status === 201 || reply.status === 200, reply.text);
  return new URL(tenantSchema.parse(reply.json).consentUrl ?? '');
}

/** Sends the administrator to Entra, as a browser would, and gives the page to which Entra sends them back. */
async function follow(link: URL, answering?: Tenant): Promise<Reply> {
  const target = new URL(link);
  if (answering !== undefined) target.pathname = target.pathname.replace(/^\/[^/]+/, `/${answering.id}`);
  const answer = await cloud.handle({ method: 'GET', url: target.href, headers: {}, body: '' });
  assert.ok('status' in answer && answer.status === 302, JSON.stringify(answer));
  return await call(`GET ${answer.headers.location}`, { withKey: false });
}

async function stateOf({ id }: Tenant) {
  const { value } = list.parse((await call('GET /tenants?top=1000')).json);
  return value.find(({ tenantId }) => tenantId === id);
}

function assertPage(reply: Reply, status: number, words: RegExp): void {
  assertStatus(reply, status);
  assert.match(reply.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(reply.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.equal(reply.headers.get('cache-control'), 'no-store');
  assert.match(reply.text, words);
}

describe('a customer tenant', () => {
  it('is invited, consents, is served and is offboarded', async () => {
    const customer = newCustomer();
    assertProblem(await incidentsOf(customer), 403, 'TenantNotAllowed');

    const invited = await onboard(customer.domain);
    assertStatus(invited, 201);
    assert.partialDeepStrictEqual(invited.json, { tenantId: customer.id, state: 'pending' });
    const { nextStep } = assertProblem(await incidentsOf(customer), 403, 'ConsentRequired');
    assert.match(nextStep ?? '', /https:\/\/login\.microsoftonline\.com\//);
    assert.equal(cloud.calls.of('entra').filter(({ path }) => path.endsWith('/token')).length, 0);

    assertPage(await follow(await invite(customer)), 200, /Consent granted/);
    assert.equal(pageOf(await incidentsOf(customer)).value.length, 2);
    assert.equal((await stateOf(customer))?.state, 'consented');
    assert.ok((await stateOf(customer))?.lastSuccessAt);

    assertStatus(await call(`DELETE /tenants/${customer.id}`), 204);
    assertProblem(await incidentsOf(customer), 403, 'TenantNotAllowed');
    assert.equal(await stateOf(customer), undefined);
    assertStatus(await call(`DELETE /tenants/${customer.domain}`), 204);
  });

  it('gets a new link with every invitation', async () => {
    const customer = newCustomer();
    assertStatus(await onboard(customer.id), 201);
    const again = await onboard(customer.id);
    assertStatus(again, 200);
    assert.equal(tenantSchema.parse(again.json).state, 'pending');
    assertPage(await follow(await invite(customer)), 200, /Consent granted/);
    assert.partialDeepStrictEqual((await onboard(customer.id)).json, { state: 'consented' });
  });

  it('becomes revoked when consent is withdrawn, with the code, and recovers with the next success', async () => {
    const customer = newCustomer();
    await follow(await invite(customer));
    pageOf(await incidentsOf(customer));
    administrator.revokeConsent(customer);
    await host.restart();
    const { upstream, nextStep } = assertProblem(await incidentsOf(customer), 403, 'ConsentRequired');
    assert.equal(upstream?.code, 'AADSTS7000229');
    assert.match(nextStep ?? '', /adminconsent/);
    assert.partialDeepStrictEqual(await stateOf(customer), {
      state: 'revoked',
      lastError: { code: 'AADSTS7000229' },
    });
    administrator.consent(customer);
    pageOf(await incidentsOf(customer));
    assert.equal((await stateOf(customer))?.state, 'consented');
  });

  it('becomes revoked when it removes every permission', async () => {
    const customer = newCustomer();
    await follow(await invite(customer));
    administrator.revokeAllRoles(customer);
    assertProblem(await incidentsOf(customer), 403, 'ConsentRequired');
    assert.partialDeepStrictEqual(await stateOf(customer), {
      state: 'revoked',
      lastError: { code: 'ConsentRequired' },
    });
  });

  it('does not become revoked by an outage', async () => {
    const customer = newCustomer();
    await follow(await invite(customer));
    pageOf(await incidentsOf(customer));
    faults.add({ service: 'defenderXdr', effect: replyWith(json(404, { error: { code: 'NotFound', message: 'x' } })) });
    faults.add({ service: 'entra', effect: replyWith(json(400, { error: 'x', error_codes: [90033] })) });
    await host.restart();
    assertProblem(await incidentsOf(customer), 503, 'CredentialUnavailable');
    assert.partialDeepStrictEqual(await stateOf(customer), {
      state: 'consented',
      lastError: { code: 'AADSTS90033' },
    });
  });

  it('is known after a restart and to every instance', async (t) => {
    const customer = newCustomer();
    await follow(await invite(customer));
    await host.restart();
    pageOf(await incidentsOf(customer));
    const other = await app.startBeside({});
    t.after(() => other.stop());
    pageOf(await other.call(`GET /incidents?tenantId=${customer.id}`));
  });

  it('is found by checkCredentials when it consented without the link', async () => {
    const customer = newCustomer();
    await invite(customer);
    await host.runFunction('checkCredentials');
    assert.equal((await stateOf(customer))?.state, 'pending');
    administrator.consent(customer);
    await host.runFunction('checkCredentials');
    assert.equal((await stateOf(customer))?.state, 'consented');
    pageOf(await incidentsOf(customer));
  });

  it('appears in health while pending, without changing the status', async () => {
    const customer = newCustomer();
    const before = z.object({ status: z.string() }).parse((await call('GET /health')).json).status;
    await invite(customer);
    const { status, tenants } = z
      .object({ status: z.string(), tenants: z.array(z.object({ tenantId: z.string(), state: z.string() })) })
      .parse((await call('GET /health')).json);
    assert.equal(status, before);
    assert.equal(tenants.find(({ tenantId }) => tenantId === customer.id)?.state, 'pending');
  });
});

describe('the consent page', () => {
  it('reports a refusal, and the tenant stays pending', async () => {
    const customer = newCustomer();
    administrator.declineConsent(customer);
    assertPage(await follow(await invite(customer)), 200, /Consent not granted/);
    assert.equal((await stateOf(customer))?.state, 'pending');
  });

  it('accepts a link once', async () => {
    const link = await invite(newCustomer());
    assertPage(await follow(link), 200, /Consent granted/);
    assertPage(await follow(link), 400, /Invalid link/);
  });

  it('rejects a link of another tenant and a forged one', async () => {
    const customer = newCustomer();
    const other = newCustomer();
    assertPage(await follow(await invite(customer), other), 400, /another organization/);
    assert.equal((await stateOf(customer))?.state, 'pending');
    for (const query of [
      '',
      '?state=',
      '?state=%3Cscript%3E&tenant=%3Cscript%3E&admin_consent=True&error_description=%3Cscript%3E',
      `?state=x&tenant=${customer.id}&admin_consent=True`,
      `?tenant=${customer.id}&admin_consent=True`,
    ]) {
      const reply = await call(`GET /tenants/consent${query}`, { withKey: false });
      assertPage(reply, 400, /Invalid link/);
      assert.ok(!reply.text.includes('<script'));
    }
  });
});

describe('the list of tenants', () => {
  it('begins with the home tenant and the configured tenants', async () => {
    const { value } = list.parse((await call('GET /tenants')).json);
    assert.deepEqual(
      value.slice(0, 2).map(({ tenantId, state }) => [tenantId, state]),
      [
        [home.id, 'home'],
        [fabrikam.id, 'consented'],
      ],
    );
  });

  it('is paged', async () => {
    await invite(newCustomer());
    const seen: string[] = [];
    for (let next: string | undefined = '/tenants?top=2'; next !== undefined; ) {
      const page = list.parse((await call(`GET ${next}`)).json);
      assert.ok(page.value.length <= 2);
      seen.push(...page.value.map(({ tenantId }) => tenantId));
      next = page.nextLink;
    }
    const all = list.parse((await call('GET /tenants?top=1000')).json).value.map(({ tenantId }) => tenantId);
    assert.deepEqual(seen, all);
  });
});

describe('onboarding', () => {
  it('rejects an unknown tenant', async () => {
    for (const tenantId of ['unknown.example', crypto.randomUUID()]) {
      const { errors } = assertProblem(await onboard(tenantId), 400, 'InvalidRequest');
      assert.deepEqual(
        errors?.map(({ name }) => name),
        ['/tenantId'],
      );
    }
    assertProblem(await onboard('not a tenant'), 400, 'InvalidRequest');
    assertProblem(await call('DELETE /tenants/not+a+tenant'), 400, 'InvalidRequest');
  });

  it('rejects an invalid token, as every operation does', async () => {
    const headers = { authorization: 'Bearer opaque' };
    for (const request of ['GET /tenants', 'GET /health', `DELETE /tenants/${crypto.randomUUID()}`] as const) {
      assertProblem(await call(request, { headers }), 401, 'InvalidUserToken');
    }
  });

  it('cannot offboard the home tenant and the configured ones', async () => {
    for (const tenant of [home, fabrikam]) {
      const reply = await onboard(tenant.domain);
      assertStatus(reply, 200);
      const { consentUrl = '' } = tenantSchema.parse(reply.json);
      assert.equal(new URL(consentUrl).searchParams.get('state'), null);
      const { nextStep } = assertProblem(await call(`DELETE /tenants/${tenant.id}`), 409, 'TenantFixed');
      assert.match(nextStep ?? '', /DEFENDER_TENANTS/);
    }
  });

  it('needs storage, unlike calls in configured tenants', async (t) => {
    const poor = await app.startBeside({ DEFENDER_TENANTS: fabrikam.id, AzureWebJobsStorage: '' });
    t.after(() => poor.stop());
    const { errors } = assertProblem(
      await poor.call('POST /tenants', { json: { tenantId: newCustomer().id } }),
      500,
      'InvalidConfiguration',
    );
    assert.deepEqual(
      errors?.map(({ name }) => name),
      ['AzureWebJobsStorage'],
    );
    assert.equal(list.parse((await poor.call('GET /tenants')).json).value.length, 2);
    pageOf(await poor.call(`GET /incidents?tenantId=${fabrikam.id}`));
  });

  it('reports unreachable storage, while other operations continue', async (t) => {
    const poor = await app.startBeside({
      DEFENDER_TENANTS: fabrikam.id,
      AzureWebJobsStorage: 'AccountName=devstoreaccount1;AccountKey=eA==;TableEndpoint=http://127.0.0.1:9',
    });
    t.after(() => poor.stop());
    for (const path of ['GET /tenants', `GET /incidents?tenantId=${crypto.randomUUID()}`] as const) {
      const { upstream } = assertProblem(await poor.call(path), 502, 'UpstreamFailed');
      assert.equal(upstream?.service, 'storage');
    }
    pageOf(await poor.call(`GET /incidents?tenantId=${fabrikam.id}`));
    pageOf(await poor.call('GET /incidents'));
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keyAccess } from '../../../shared/inbound/access.ts';
import { resolveRequestedTenants } from '../../../shared/inbound/requested-tenants.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import { homeTenantId } from '../settings.ts';

const fabrikam = 'aaaaaaaa-2222-4333-8444-555555555555';
const served = new Map([homeTenantId, 'contoso.com', fabrikam, 'fabrikam.com'].map((name) => [name, toId(name)]));
const application: Principal = { kind: 'application', tenantId: homeTenantId };
const guest = { kind: 'user', tenantId: fabrikam } as Principal;

function toId(name: string): string {
  return name.startsWith('contoso') ? homeTenantId : name.startsWith('fabrikam') ? fabrikam : name;
}

/** The access of a function key, with a user's token or without. */
function accessOf(principal: Principal) {
  if (principal.kind === 'application') return { access: keyAccess, user: undefined };
  return { access: { ...keyAccess, canActIn: async (id: string) => id === principal.tenantId }, user: principal };
}

function createScene() {
  const asked: string[] = [];
  const tenants = {
    homeTenantId,
    async findServedTenant(idOrDomain: string) {
      asked.push(idOrDomain);
      const tenantId = served.get(idOrDomain);
      return tenantId === undefined ? undefined : { tenantId, isPending: false };
    },
    listServedTenants: () => assert.fail(),
    listTenants: () => assert.fail(),
  };
  const resolve = (named: readonly string[] | undefined, principal = application) =>
    resolveRequestedTenants(tenants, named, principal.tenantId, accessOf(principal));
  return { resolve, asked };
}

describe('resolveRequestedTenants', () => {
  it("defaults to the caller's tenant", async () => {
    const { resolve, asked } = createScene();
    assert.deepEqual(await resolve(undefined), [homeTenantId]);
    assert.deepEqual(await resolve(undefined, guest), [fabrikam]);
    assert.deepEqual(asked, []);
  });

  it('returns each tenant once, by id', async () => {
    const { resolve } = createScene();
    assert.deepEqual(await resolve(['fabrikam.com', homeTenantId, fabrikam]), [fabrikam, homeTenantId]);
  });

  it('passes * through for the application', async () => {
    assert.deepEqual(await createScene().resolve(['*', 'fabrikam.com']), ['*']);
  });

  it('throws 403 that lists every tenant that is not served', async () => {
    await assert.rejects(createScene().resolve(['other.com', fabrikam, 'another.com']), {
      status: 403,
      code: 'TenantNotAllowed',
      errors: [0, 2].map((index) => ({ in: 'body', name: `/tenantIds/${index}`, detail: 'is not allowed' })),
    });
  });

  it("throws 403 if a user names a tenant other than the token's, even a served one", async () => {
    const refusal = { status: 403, code: 'TenantNotAllowed' };
    for (const named of [[homeTenantId], ['*'], ['contoso.com', fabrikam], [fabrikam, '*']]) {
      await assert.rejects(createScene().resolve(named, guest), refusal, named.join());
    }
    assert.deepEqual(await createScene().resolve(['fabrikam.com'], guest), [fabrikam]);
  });

  it('resolves each distinct tenant once', async () => {
    const { resolve, asked } = createScene();
    await resolve(Array(100).fill('fabrikam.com'));
    assert.deepEqual(asked, ['fabrikam.com']);
  });
});

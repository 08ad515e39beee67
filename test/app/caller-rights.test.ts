import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { CallOptions } from './call.ts';
import { useApp } from './harness.ts';
import { assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const customers = Array.from({ length: 19 }, (_, index) =>
  cloud.administrator.addTenant({
    id: `6${String(index).padStart(7, '0')}-0000-4000-8000-000000000000`,
    domain: `rights-${index}.example`,
    displayName: `Customer ${index}`,
    incidentCount: 1,
  }),
);
const tenantIds = [cloud.world.home.id, ...customers.map(({ id }) => id)];
const settings = {
  CALLER_AUTHENTICATION: 'token',
  DEFENDER_TENANTS: customers.map(({ id }) => id).join(','),
};
const app = await useApp({ cloud, settings, hasStorage: true });

/** The specification's table, written out once more: operation, the roles that open it, what success is. */
const operations = [
  ['GET /incidents?top=1', ['Incident.Read', 'Incident.ReadWrite']],
  ['PATCH /incidents/999999', ['Incident.ReadWrite']],
  ['GET /alerts?top=1', ['Alert.Read', 'Alert.ReadWrite']],
  ['PATCH /alerts/none', ['Alert.ReadWrite']],
  ['POST /hunting', ['ThreatHunting.Read']],
  ['GET /machines?top=1', ['Machine.Read']],
  ['GET /machine-actions/7f92a3b4-c5d6-4e8f-a1b2-d3e4f5061728', ['Machine.Read']],
  ['GET /indicators?top=1', ['Ti.Read', 'Ti.ReadWrite']],
  ['DELETE /indicators/999999', ['Ti.ReadWrite']],
  ['GET /triggers/incidents', ['Incident.Read', 'Incident.ReadWrite']],
] as const;
const bodies: Record<string, unknown> = {
  'PATCH /incidents/999999': { comment: 'x' },
  'PATCH /alerts/none': { comment: 'x' },
  'POST /hunting': { query: 'AlertInfo | take 1' },
};
const allRoles = [...new Set(operations.flatMap(([, roles]) => roles))];

interface Caller {
  objectId: string;
  roles: readonly string[];
  /** Undefined: no grant. */
  grant: readonly string[] | undefined;
}

const callers = fc.array(
  fc.record({
    roles: fc.subarray(allRoles),
    grant: fc.option(fc.oneof(fc.subarray(tenantIds, { minLength: 1 }), fc.constant(['*'])), { nil: undefined }),
  }),
  { minLength: 50, maxLength: 50 },
);
const attempts = fc.array(
  fc.record({ caller: fc.nat(49), operation: fc.constantFrom(...operations), tenantId: fc.constantFrom(...tenantIds) }),
  { minLength: 150, maxLength: 150 },
);

function isAllowed({ roles, grant = [cloud.world.home.id] }: Caller, required: readonly string[], tenantId: string) {
  return roles.some((role) => required.includes(role)) && (grant.includes('*') || grant.includes(tenantId));
}

it('a call succeeds exactly if roles and grant of its caller allow it, and otherwise contacts no service', async () => {
  await using keyed = await app.startBeside({ ...settings, CALLER_AUTHENTICATION: 'key' });
  await fc.assert(
    fc.asyncProperty(callers, attempts, async (drawn, calls) => {
      const all = drawn.map((each): Caller => ({ ...each, objectId: crypto.randomUUID() }));
      for (const { objectId, grant } of all) {
        if (grant === undefined) continue;
        assertStatus(await keyed.call(`PUT /callers/${objectId}`, { json: { tenantIds: grant } }), 201);
      }
      await using other = await app.startBeside(settings);
      for (const { caller: index, operation, tenantId } of calls) {
        const caller = all[index];
        assert.ok(caller);
        const [request, required] = operation;
        const options: CallOptions = {
          withKey: false,
          headers: {
            authorization: `Bearer ${await cloud.signInApp({ objectId: caller.objectId, roles: caller.roles })}`,
          },
          ...(request in bodies && { json: bodies[request] }),
        };
        cloud.calls.clear();
        const separator = request.includes('?') ? '&' : '?';
        const { status, json } = await other.call(`${request}${separator}tenantId=${tenantId}` as 'GET /', options);
        const { code } = (json ?? {}) as { code?: string };
        const wasRefused = status === 403 && ['MissingRole', 'TenantNotAllowed'].includes(code ?? '');
        const expected = isAllowed(caller, required, tenantId);
        assert.equal(!wasRefused, expected, `${request} in ${tenantId}: ${status} ${code}`);
        if (!expected)
          assert.deepEqual(
            cloud.calls.all.filter(({ path }) => path.includes(tenantId) && !path.endsWith('/keys')),
            [],
          );
      }
    }),
    { numRuns: 2, endOnFailure: true },
  );
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import * as z from 'zod/mini';
import { useApp } from './harness.ts';
import { assertStatus } from './replies.ts';

const { call, host } = await useApp();

const operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  security: z.optional(z.array(z.unknown())),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })),
});
/** Beside its operations, a path has what is sent to those who subscribe at it. */
const path = z.catchall(z.object({ 'x-ms-notification-content': z.optional(z.unknown()) }), operation);
const document = z.looseObject({ paths: z.record(z.string(), path) });

const get = async (path: '/openapi.json' | '/swagger.json') => {
  const reply = await call(`GET ${path}`, { withKey: false });
  assertStatus(reply, 200);
  return document.parse(reply.json);
};

/** The operations of a document, as the host describes its functions. */
const operationsOf = ({ paths }: z.infer<typeof document>) =>
  Object.entries(paths).flatMap(([path, { 'x-ms-notification-content': _, ...methods }]) =>
    Object.entries(methods).map(([method, { operationId, security }]) => ({
      name: operationId,
      route: `/api${path}`,
      methods: [method.toUpperCase()],
      authLevel: security?.length === 0 ? 'anonymous' : 'function',
    })),
  );

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

describe('the app', () => {
  it('offers this and nothing else', () => {
    const surface = host.functions.map(({ name, type, methods, route, authLevel, schedule, error }) =>
      [name, error ?? type, methods?.join() ?? schedule, route ?? '', authLevel ?? ''].join(' ').trim(),
    );
    assert.deepEqual(surface.sort(), [
      'checkCredentials timer 0 0 * * * *',
      'commandWebhook http POST /api/webhooks/commands anonymous',
      'consentCallback http GET /api/tenants/consent anonymous',
      'createHunt http POST /api/hunts function',
      'deleteHunt http DELETE /api/hunts/{huntId} function',
      'deleteIndicator http DELETE /api/indicators/{indicatorId} function',
      'docs http GET /api/docs anonymous',
      'getAlert http GET /api/alerts/{alertId} function',
      'getHunt http GET /api/hunts/{huntId} function',
      'getHuntingResult http GET /api/hunting/{operationId} function',
      'getIncident http GET /api/incidents/{incidentId} function',
      'getInvestigationPackage http GET /api/machine-actions/{actionId}/package function',
      'getMachine http GET /api/machines/{machineId} function',
      'getMachineAction http GET /api/machine-actions/{actionId} function',
      'getSubscription http GET /api/subscriptions/{subscriptionId} function',
      'health http GET /api/health function',
      'keyVaultEvents http POST,OPTIONS /api/webhooks/key-vault function',
      'listAlerts http GET /api/alerts function',
      'listDeadLetters http GET /api/subscriptions/{subscriptionId}/dead-letters function',
      'listHunts http GET /api/hunts function',
      'listIncidents http GET /api/incidents function',
      'listIndicators http GET /api/indicators function',
      'listMachines http GET /api/machines function',
      'listSubscriptions http GET /api/subscriptions function',
      'listTenants http GET /api/tenants function',
      'offboardTenant http DELETE /api/tenants/{tenantId} function',
      'onboardTenant http POST /api/tenants function',
      'openApi http GET /api/openapi.json anonymous',
      'ping http GET /api/ping anonymous',
      'pollIncidents http GET /api/triggers/incidents function',
      'resendDeadLetters http POST /api/subscriptions/{subscriptionId}/dead-letters function',
      'runHuntingQuery http POST /api/hunting function',
      'runScheduledHunts timer 0 */5 * * * *',
      'startMachineAction http POST /api/machines/{machineId}/actions function',
      'submitIndicator http POST /api/indicators function',
      'subscribe http POST /api/subscriptions function',
      'swagger http GET /api/swagger.json anonymous',
      'syncIncidents timer 0 * * * * *',
      'unsubscribe http DELETE /api/subscriptions/{subscriptionId} function',
      'updateAlert http PATCH /api/alerts/{alertId} function',
      'updateIncident http PATCH /api/incidents/{incidentId} function',
    ]);
  });
});

for (const [path, version] of [
  ['/openapi.json', '3.1'],
  ['/swagger.json', '2.0'],
] as const) {
  describe(path, () => {
    it(`is valid OpenAPI ${version}`, async () => {
      const validator = new Validator();
      const { valid, errors } = await validator.validate(await get(path));
      assert.ok(valid, JSON.stringify(errors, undefined, 1));
      assert.equal(validator.version, version);
    });

    it('may be read by a script of any origin, as the designer of Logic Apps is one', async () => {
      const { headers } = await call(`GET ${path}`, {
        withKey: false,
        headers: { origin: 'https://portal.azure.com' },
      });
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.equal((await call('GET /incidents')).headers.get('access-control-allow-origin'), null);
    });

    it('has the operations that the host has, with their keys', async () => {
      const functions = host.functions
        .filter(({ type }) => type === 'http')
        // OPTIONS is the handshake of a webhook, and no operation.
        .map(({ name, route, methods = [], authLevel }) => ({
          ...{ name, route, authLevel },
          methods: methods.filter((method) => method !== 'OPTIONS'),
        }));
      assert.deepEqual(operationsOf(await get(path)).sort(byName), functions.sort(byName));
    });

    it('names every parameter that an operation takes', async () => {
      const { paths } = await get(path);
      const parametersOf = (route: string, method: string) =>
        paths[route]?.[method]?.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      const common = ['query tenantId', 'header x-ms-client-request-id'];
      assert.deepEqual(parametersOf('/incidents', 'get'), [
        ...['status', 'severity', 'assignedTo', 'createdSince', 'updatedSince', 'updatedBefore', 'top'].map(
          (name) => `query ${name}`,
        ),
        ...common,
      ]);
      assert.deepEqual(parametersOf('/incidents/{incidentId}', 'patch'), [
        'path incidentId',
        'query tenantId',
        'header Idempotency-Key',
        'header x-ms-client-request-id',
        ...(version === '2.0' ? ['body body'] : []),
      ]);
    });

    it('says where the app is, as the caller reached it', async () => {
      const { servers, host: name, basePath, schemes } = await get(path);
      const { port } = new URL(host.url);
      if (version === '3.1') assert.deepEqual(servers, [{ url: `${host.url}/api` }]);
      else assert.deepEqual([name, basePath, schemes], [`127.0.0.1:${port}`, '/api', ['http']]);
    });
  });
}

describe('/swagger.json', () => {
  it('tells Logic Apps how lists go on', async () => {
    const { paths } = await get('/swagger.json');
    assert.deepEqual(paths['/incidents']?.get?.['x-ms-pageable'], { nextLinkName: 'nextLink' });
  });

  it('gives every parameter a title for the designer of Logic Apps', async () => {
    const { paths } = await get('/swagger.json');
    const parameters = Object.values(paths).flatMap(({ 'x-ms-notification-content': _, ...methods }) =>
      Object.values(methods).flatMap((each) => each.parameters.filter((parameter) => parameter.in !== 'body')),
    );
    assert.deepEqual(
      parameters.filter((parameter) => typeof parameter['x-ms-summary'] !== 'string').map(({ name }) => name),
      [],
    );
  });
});

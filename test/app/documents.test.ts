import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import * as z from 'zod/mini';
import { surface } from '../../functions/surface.ts';
import { useApp } from './harness.ts';
import { assertStatus } from './replies.ts';

const { call, host } = await useApp();

const operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  security: z.optional(z.array(z.unknown())),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })),
});
/** A path item: operations, and the notification content of a trigger. */
const path = z.catchall(z.object({ 'x-ms-notification-content': z.optional(z.unknown()) }), operation);
const document = z.looseObject({ paths: z.record(z.string(), path) });

const get = async (path: '/openapi.json' | '/swagger.json') => {
  const reply = await call(`GET ${path}`, { withKey: false });
  assertStatus(reply, 200);
  return document.parse(reply.json);
};

/** The operations of a document in the format of the host's functions. */
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

describe('the Functions host', () => {
  it('indexes every function of the surface, and queue functions only with storage', () => {
    const expected = Object.entries(surface).filter(([, { kind }]) => kind !== 'queueJob');
    assert.deepEqual(host.functions.map(({ name }) => name).sort(), expected.map(([name]) => name).sort());
    assert.deepEqual(
      host.functions.filter(({ error }) => error !== undefined),
      [],
    );
  });
});

for (const [path, version] of [
  ['/openapi.json', '3.1'],
  ['/swagger.json', '2.0'],
] as const) {
  describe(path, () => {
    it(`returns valid OpenAPI ${version}`, async () => {
      const validator = new Validator();
      const { valid, errors } = await validator.validate(await get(path));
      assert.ok(valid, JSON.stringify(errors, undefined, 1));
      assert.equal(validator.version, version);
    });

    it('allows scripts of any origin, such as the designer of Logic Apps', async () => {
      const { headers } = await call(`GET ${path}`, {
        withKey: false,
        headers: { origin: 'https://portal.azure.com' },
      });
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.equal((await call('GET /incidents')).headers.get('access-control-allow-origin'), null);
    });

    it('lists the HTTP functions of the host with their authorization levels', async () => {
      const functions = host.functions
        .filter(({ type }) => type === 'http')
        // OPTIONS is the validation handshake of a webhook, not an operation.
        .map(({ name, route, methods = [], authLevel }) => ({
          ...{ name, route, authLevel },
          methods: methods.filter((method) => method !== 'OPTIONS'),
        }));
      assert.deepEqual(operationsOf(await get(path)).sort(byName), functions.sort(byName));
    });

    it('lists every parameter of an operation', async () => {
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

    it('names the base URL of the request', async () => {
      const { servers, host: name, basePath, schemes } = await get(path);
      const { port } = new URL(host.url);
      if (version === '3.1') assert.deepEqual(servers, [{ url: `${host.url}/api` }]);
      else assert.deepEqual([name, basePath, schemes], [`127.0.0.1:${port}`, '/api', ['http']]);
    });
  });
}

describe('/swagger.json', () => {
  it('marks lists as pageable', async () => {
    const { paths } = await get('/swagger.json');
    assert.deepEqual(paths['/incidents']?.get?.['x-ms-pageable'], { nextLinkName: 'nextLink' });
  });

  it('gives every parameter a title for the workflow designer', async () => {
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

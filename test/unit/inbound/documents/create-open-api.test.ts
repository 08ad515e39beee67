import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOpenApi } from '../../../../shared/inbound/documents/create-open-api.ts';
import { baseUrl } from '../http-call.ts';
import { app, assertValid, at, objectsOf, openApi, parametersOf } from './api-documents.ts';

describe('createOpenApi', () => {
  test('returns valid OpenAPI 3.1', async () => {
    assert.match(openApi.openapi, /^3\.1\./);
    await assertValid(openApi);
  });

  test('lists every HTTP function by name, and no timer or queue function', async () => {
    const operations = Object.values(openApi.paths).flatMap((methods) => Object.values(methods));
    assert.deepEqual(
      operations.map(({ operationId }) => operationId).sort(),
      [...(await app.loadEndpoints()).keys()].sort(),
    );
  });

  test('names the base URL and the version', () => {
    assert.deepEqual([openApi.servers, openApi.info.version], [[{ url: baseUrl }], '1.2.3']);
  });

  test('requires a key, a token or both as CALLER_AUTHENTICATION says, except for anonymous functions', async () => {
    assert.deepEqual(openApi.components.securitySchemes.functionKey, {
      type: 'apiKey',
      in: 'header',
      name: 'x-functions-key',
    });
    assert.deepEqual(openApi.security, [{ functionKey: [] }, { functionKey: [], accessToken: [] }]);
    for (const [callerAuthentication, security] of [
      ['keyAndToken', [{ functionKey: [], accessToken: [] }]],
      ['token', [{ accessToken: [] }]],
    ] as const) {
      assert.deepEqual((await createOpenApi({ ...app, callerAuthentication }, baseUrl)).security, security);
    }
    assert.deepEqual(openApi.paths['/ping']?.get?.security, []);
    assert.equal(openApi.paths['/incidents']?.get?.security, undefined);
  });

  test('names the role that an operation requires, and none for anonymous functions', () => {
    assert.equal(openApi.paths['/incidents']?.get?.['x-required-role'], 'Incident.Read');
    assert.ok(openApi.paths['/machines/{machineId}/actions']?.post?.['x-required-role']?.includes('Machine.Isolate'));
    for (const methods of Object.values(openApi.paths)) {
      for (const { operationId, security, 'x-required-role': role } of Object.values(methods)) {
        assert.equal(role === undefined, security?.length === 0, operationId);
      }
    }
  });

  test('describes every parameter, body and reply member of its own', () => {
    const { Incident, Alert, Machine, MachineAction, Indicator, ...own } = openApi.components.schemas;
    const parameters = [...objectsOf(openApi.paths)].flatMap((each) => Object.values(Object(each.parameters)));
    const members = [...objectsOf([openApi.paths, own])].flatMap(({ properties }) =>
      Object.entries(Object(properties)),
    );
    const incomplete = [...parameters.map((each) => [at(each, 'name'), each] as const), ...members].filter(
      ([name, each]) => name !== 'state' && at(each, '$ref') === undefined && at(each, 'description') === undefined,
    );
    assert.deepEqual(
      incomplete.map(([name]) => name),
      [],
    );
  });

  test('describes the parameters of a list', () => {
    const parameters = parametersOf(openApi, '/incidents', 'get');
    assert.deepEqual(
      [...parameters.keys()],
      [
        'status',
        'severity',
        'assignedTo',
        'createdSince',
        'updatedSince',
        'updatedBefore',
        'top',
        'tenantId',
        'x-ms-client-request-id',
      ],
    );
    const { description, ...severity } = Object(parameters.get('severity'));
    assert.match(description, /severity/);
    assert.deepEqual(severity, {
      name: 'severity',
      in: 'query',
      required: false,
      schema: {
        type: 'array',
        items: { type: 'string', enum: ['UnSpecified', 'Informational', 'Low', 'Medium', 'High'] },
      },
      style: 'form',
      explode: false,
    });
    assert.deepEqual(at(parameters.get('top'), 'schema'), { type: 'integer', minimum: 1, maximum: 1000, default: 100 });
  });

  test('lists tenantId only for operations that act in a tenant', () => {
    for (const path of ['/health', '/ping', '/openapi.json']) {
      assert.ok(!parametersOf(openApi, path, 'get').has('tenantId'), path);
    }
    assert.ok(parametersOf(openApi, '/hunting', 'post').has('tenantId'));
  });

  test('lists Idempotency-Key for POST and PATCH operations that change something', () => {
    const takers = Object.entries(openApi.paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, { parameters }]) => parameters.some(({ name }) => name === 'Idempotency-Key'))
        .map(([method]) => `${method} ${path}`),
    );
    assert.deepEqual(takers, [
      'patch /incidents/{incidentId}',
      'patch /alerts/{alertId}',
      'post /machines/{machineId}/actions',
      'post /indicators',
      'post /subscriptions',
      'post /subscriptions/{subscriptionId}/dead-letters',
      'post /hunts',
      'post /tenants',
    ]);
  });

  test('requires path parameters and bodies', () => {
    assert.equal(at(parametersOf(openApi, '/incidents/{incidentId}', 'get').get('incidentId'), 'required'), true);
    const body = at(openApi.paths, '/incidents/{incidentId}', 'patch', 'requestBody');
    assert.equal(at(body, 'required'), true);
    const schema = at(body, 'content', 'application/json', 'schema');
    assert.deepEqual([at(schema, 'additionalProperties'), at(schema, 'minProperties')], [false, 1]);
  });

  test('describes members of the same schema separately', () => {
    const query = at(
      openApi.paths,
      '/hunting',
      'post',
      'requestBody',
      'content',
      'application/json',
      'schema',
      'properties',
      'query',
    );
    assert.match(String(at(query, 'description')), /KQL/);
    const update = at(
      openApi.paths,
      '/incidents/{incidentId}',
      'patch',
      'requestBody',
      'content',
      'application/json',
      'schema',
    );
    assert.equal(at(update, 'properties', 'tags', 'items', 'description'), undefined);
  });

  test('lists every format of a hunting result', () => {
    const content = openApi.paths['/hunting']?.post?.responses['200']?.content ?? {};
    assert.deepEqual(Object.keys(content), ['application/json', 'text/csv', 'application/x-ndjson']);
  });

  test('describes Location and Retry-After of a 202 and the empty body of a 204', () => {
    const accepted = openApi.paths['/machine-actions/{actionId}']?.get?.responses;
    assert.ok(accepted?.['202']?.headers?.location && accepted['202'].headers['retry-after']);
    assert.equal(accepted['200']?.headers?.location, undefined);
    assert.deepEqual(accepted['200']?.content, accepted['202'].content);
    const deletion = openApi.paths['/indicators/{indicatorId}']?.delete?.responses;
    assert.deepEqual(Object.keys(deletion ?? {}), ['204', 'default']);
    assert.equal(deletion?.['204']?.content, undefined);
  });

  test('references entities and the problem by name', () => {
    const page = openApi.paths['/incidents']?.get?.responses;
    const reference = { $ref: '#/components/schemas/Incident' };
    const schema = page?.['200']?.content?.['application/json']?.schema;
    assert.deepEqual(at(schema, 'properties', 'value', 'items'), reference);
    assert.deepEqual(page?.default?.content, {
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    });
    assert.deepEqual(Object.keys(openApi.components.schemas).sort(), [
      'Alert',
      'Caller',
      'Hunt',
      'Incident',
      'Indicator',
      'InvestigationPackage',
      'Machine',
      'MachineAction',
      'Problem',
      'Subscription',
    ]);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toSwagger } from '../../../../shared/inbound/documents/to-swagger.ts';
import { assertValid, at, objectsOf, openApi, parametersOf, swagger } from './api-documents.ts';

describe('toSwagger', () => {
  test('returns valid Swagger 2.0', async () => {
    assert.equal(swagger.swagger, '2.0');
    await assertValid(swagger);
  });

  test('names host, base path and scheme', () => {
    const { host, basePath, schemes } = swagger;
    assert.deepEqual(
      { host, basePath, schemes },
      { host: 'contoso.azurewebsites.net', basePath: '/api', schemes: ['https'] },
    );
  });

  test('lists the same operations as OpenAPI', () => {
    assert.deepEqual(Object.keys(swagger.paths ?? {}), Object.keys(openApi.paths));
  });

  test('converts parameters and adds the body to them', () => {
    const { description, ...status } = Object(parametersOf(swagger, '/incidents', 'get').get('status'));
    assert.match(description, /status/);
    assert.deepEqual(status, {
      name: 'status',
      in: 'query',
      required: false,
      type: 'array',
      items: { type: 'string', enum: ['Active', 'InProgress', 'Resolved', 'Redirected', 'AwaitingAction', 'New'] },
      collectionFormat: 'csv',
      'x-ms-summary': 'Status',
    });
    const body = parametersOf(swagger, '/hunting', 'post').get('body');
    assert.deepEqual([at(body, 'in'), at(body, 'required'), at(body, 'schema', 'required')], ['body', true, ['query']]);
  });

  test('marks optional headers as advanced', () => {
    assert.deepEqual(parametersOf(swagger, '/alerts/{alertId}', 'patch').get('Idempotency-Key'), {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'Makes the call safe to retry: within 24 hours, the same request with the same key runs once and returns the stored response.',
      type: 'string',
      minLength: 1,
      maxLength: 128,
      'x-ms-summary': 'Idempotency key',
      'x-ms-visibility': 'advanced',
    });
  });

  test('marks lists, and nothing else, as pageable', () => {
    assert.deepEqual(at(swagger.paths, '/incidents', 'get', 'x-ms-pageable'), { nextLinkName: 'nextLink' });
    assert.equal(at(swagger.paths, '/incidents/{incidentId}', 'get', 'x-ms-pageable'), undefined);
  });

  test('references its own definitions', () => {
    const references = [...objectsOf(swagger)].flatMap(({ $ref }) => (typeof $ref === 'string' ? $ref : []));
    assert.deepEqual([...new Set(references)].sort(), [
      '#/definitions/Alert',
      '#/definitions/Caller',
      '#/definitions/Hunt',
      '#/definitions/Incident',
      '#/definitions/Indicator',
      '#/definitions/InvestigationPackage',
      '#/definitions/Machine',
      '#/definitions/MachineAction',
      '#/definitions/Problem',
      '#/definitions/Subscription',
    ]);
  });

  test('writes descriptions without backticks', () => {
    const description = 'Opaque: `nextLink`.';
    const schemas = {
      X: { type: 'object', description, properties: { description: { type: 'string', description } } },
    };
    const written = toSwagger({ ...openApi, paths: {}, components: { ...openApi.components, schemas } });
    assert.equal(at(written.definitions, 'X', 'description'), 'Opaque: nextLink.');
    assert.equal(at(written.definitions, 'X', 'properties', 'description', 'description'), 'Opaque: nextLink.');
  });

  test('contains no keyword that Swagger 2.0 lacks', () => {
    const newer = ['anyOf', 'oneOf', 'const', 'examples', 'nullable', 'propertyNames', '$defs', '$schema', 'content'];
    for (const each of objectsOf(swagger)) for (const word of newer) assert.ok(!(word in each), word);
  });

  test('marks nullable values with x-nullable, never with a list of types', () => {
    const nullable = at(swagger.definitions, 'Incident', 'properties');
    assert.equal(at(nullable, 'redirectIncidentId', 'x-nullable'), true);
    assert.deepEqual(at(nullable, 'incidentName'), {
      type: 'string',
      'x-nullable': true,
      'x-ms-summary': 'Incident name',
    });
    for (const { type } of objectsOf(swagger.definitions)) assert.ok(!Array.isArray(type), String(type));
  });
});

describe('toSwagger for a custom connector', () => {
  const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ path, method, operation: at(swagger.paths, path, method) })),
  );
  const idOf = (operation: unknown) => String(at(operation, 'operationId'));

  test('gives every operation a unique id, a summary and a description', () => {
    const ids = operations.map(({ operation }) => idOf(operation));
    assert.deepEqual([...new Set(ids)], ids);
    for (const { operation } of operations) {
      assert.match(String(at(operation, 'summary')), /^[A-Z].*[^.]$/, idOf(operation));
      assert.match(String(at(operation, 'description')), /^[A-Z].*\.$/, idOf(operation));
    }
  });

  test('gives every parameter and body a title', () => {
    for (const { path, method } of operations) {
      for (const [name, parameter] of parametersOf(swagger, path, method)) {
        assert.match(String(at(parameter, 'x-ms-summary')), /^[A-Z]/, `${method} ${path} ${name}`);
      }
    }
  });

  test('gives every member without a reference a title', () => {
    for (const { properties, $ref } of objectsOf({ ...swagger, securityDefinitions: {} })) {
      for (const [name, member] of Object.entries(Object(properties))) {
        assert.equal(
          typeof at(member, 'x-ms-summary'),
          $ref === undefined && at(member, '$ref') === undefined ? 'string' : 'undefined',
          name,
        );
      }
    }
  });

  test('offers tenants, incidents, alerts, machines and indicators as dynamic values', () => {
    const choiceOf = (path: string, method: string, name: string) =>
      at(parametersOf(swagger, path, method).get(name), 'x-ms-dynamic-values');
    assert.deepEqual(choiceOf('/hunting', 'post', 'tenantId'), {
      operationId: 'listTenants',
      'value-collection': 'value',
      'value-path': 'tenantId',
      'value-title': 'tenantId',
    });
    assert.deepEqual(choiceOf('/incidents/{incidentId}', 'patch', 'incidentId'), {
      operationId: 'listIncidents',
      'value-collection': 'value',
      'value-path': 'incidentId',
      'value-title': 'incidentName',
      parameters: { tenantId: { parameter: 'tenantId' } },
    });
    assert.equal(at(choiceOf('/alerts/{alertId}', 'get', 'alertId'), 'operationId'), 'listAlerts');
    assert.equal(at(choiceOf('/machines/{machineId}', 'get', 'machineId'), 'operationId'), 'listMachines');
    assert.equal(at(choiceOf('/indicators/{indicatorId}', 'delete', 'indicatorId'), 'operationId'), 'listIndicators');
    assert.equal(choiceOf('/tenants', 'get', 'tenantId'), undefined);
  });

  test('takes dynamic values from existing operations and members', () => {
    for (const { 'x-ms-dynamic-values': choice } of objectsOf(swagger.paths)) {
      if (choice === undefined) continue;
      const list = operations.find(({ operation }) => idOf(operation) === at(choice, 'operationId'));
      const items = at(list?.operation, 'responses', '200', 'schema', 'properties', 'value', 'items');
      const name = String(at(items, '$ref')).replace('#/definitions/', '');
      const properties = at(at(items, '$ref') === undefined ? items : at(swagger.definitions, name), 'properties');
      for (const member of ['value-path', 'value-title']) {
        assert.ok(String(at(choice, member)) in Object(properties), JSON.stringify(choice));
      }
    }
  });

  test('hides operations that workflows do not call', () => {
    const hidden = operations.filter(({ operation }) => at(operation, 'x-ms-visibility') === 'internal');
    const names = hidden.map(({ operation }) => idOf(operation));
    for (const name of ['consentCallback', 'keyVaultEvents', 'docs']) assert.ok(names.includes(name), name);
    for (const name of ['listIncidents', 'health']) assert.ok(!names.includes(name), name);
  });

  test('supports the function key and user sign-in', () => {
    assert.deepEqual(swagger.security, [{ functionKey: [] }, { functionKey: [], accessToken: [] }]);
    assert.deepEqual(swagger.securityDefinitions, {
      functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
      accessToken: {
        type: 'oauth2',
        flow: 'accessCode',
        authorizationUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
        tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
        scopes: {},
      },
    });
  });
});

describe('toSwagger for triggers', () => {
  test('describes the polling trigger', () => {
    const operation = at(swagger.paths, '/triggers/incidents', 'get');
    assert.equal(at(operation, 'x-ms-trigger'), 'batch');
    assert.deepEqual(at(operation, 'x-ms-trigger-metadata'), { kind: 'query', mode: 'polling' });
    const state = parametersOf(swagger, '/triggers/incidents', 'get').get('state');
    assert.equal(at(state, 'x-ms-visibility'), 'internal');
  });

  test('describes the webhook trigger and hides unsubscribe', () => {
    const path = at(swagger.paths, '/subscriptions');
    assert.equal(at(path, 'post', 'x-ms-trigger'), 'single');
    const body = parametersOf(swagger, '/subscriptions', 'post').get('body');
    const callbackUrl = at(body, 'schema', 'properties', 'callbackUrl');
    assert.equal(at(callbackUrl, 'x-ms-notification-url'), true);
    assert.equal(at(callbackUrl, 'x-ms-visibility'), 'internal');
    assert.deepEqual(at(body, 'schema', 'required'), ['callbackUrl']);
    const content = at(path, 'x-ms-notification-content', 'schema', 'properties');
    assert.deepEqual(Object.keys(Object(content)), ['type', 'timestamp', 'tenantId', 'data']);
    assert.equal(at(swagger.paths, '/subscriptions/{subscriptionId}', 'delete', 'x-ms-visibility'), 'internal');
  });
});

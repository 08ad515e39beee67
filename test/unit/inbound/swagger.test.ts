import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertValid, at, objectsOf, openApi, parametersOf, swagger } from './api-documents.ts';

describe('the Swagger document', () => {
  test('is valid Swagger 2.0', async () => {
    assert.equal(swagger.swagger, '2.0');
    await assertValid(swagger);
  });

  test('says where it is served', () => {
    const { host, basePath, schemes } = swagger;
    assert.deepEqual(
      { host, basePath, schemes },
      { host: 'contoso.azurewebsites.net', basePath: '/api', schemes: ['https'] },
    );
  });

  test('has the same operations', () => {
    assert.deepEqual(Object.keys(swagger.paths ?? {}), Object.keys(openApi.paths));
  });

  test('has parameters of its own form, and the body among them', () => {
    assert.deepEqual(parametersOf(swagger, '/incidents', 'get').get('status'), {
      name: 'status',
      in: 'query',
      required: false,
      description: 'Incidents in one of these states',
      type: 'array',
      items: { type: 'string', enum: ['Active', 'InProgress', 'Resolved', 'Redirected', 'AwaitingAction', 'New'] },
      collectionFormat: 'csv',
      'x-ms-summary': 'Status',
    });
    const body = parametersOf(swagger, '/hunting', 'post').get('body');
    assert.deepEqual([at(body, 'in'), at(body, 'required'), at(body, 'schema', 'required')], ['body', true, ['query']]);
  });

  test('gives a header a title, and hides it among the advanced parameters', () => {
    assert.deepEqual(parametersOf(swagger, '/alerts/{alertId}', 'patch').get('Idempotency-Key'), {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'Makes the call safe to repeat: the same call with the same key is carried out once a day, and answered the same',
      type: 'string',
      minLength: 1,
      maxLength: 128,
      'x-ms-summary': 'Idempotency key',
      'x-ms-visibility': 'advanced',
    });
  });

  test('lets Logic Apps follow the pages of a list, and of nothing else', () => {
    assert.deepEqual(at(swagger.paths, '/incidents', 'get', 'x-ms-pageable'), { nextLinkName: 'nextLink' });
    assert.equal(at(swagger.paths, '/incidents/{incidentId}', 'get', 'x-ms-pageable'), undefined);
  });

  test('refers to its own definitions', () => {
    const references = [...objectsOf(swagger)].flatMap(({ $ref }) => (typeof $ref === 'string' ? $ref : []));
    assert.deepEqual([...new Set(references)].sort(), [
      '#/definitions/Alert',
      '#/definitions/Incident',
      '#/definitions/Problem',
    ]);
  });

  test('has nothing that Swagger 2.0 does not know', () => {
    const newer = ['anyOf', 'oneOf', 'const', 'examples', 'nullable', 'propertyNames', '$defs', '$schema', 'content'];
    for (const each of objectsOf(swagger)) for (const word of newer) assert.ok(!(word in each), word);
  });

  test('says that a value may be null by x-nullable, never by a list of types', () => {
    const nullable = at(swagger.definitions, 'Incident', 'properties');
    assert.equal(at(nullable, 'redirectIncidentId', 'x-nullable'), true);
    assert.deepEqual(at(nullable, 'incidentName'), { type: 'string', 'x-nullable': true });
    for (const { type } of objectsOf(swagger.definitions)) assert.ok(!Array.isArray(type), String(type));
  });
});

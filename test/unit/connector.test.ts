import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import properties from '../../examples/connector/apiProperties.json' with { type: 'json' };
import { at, objectsOf, swagger } from './inbound/documents/api-documents.ts';

const { connectionParameters, policyTemplateInstances } = properties.properties;

describe('examples/connector', () => {
  test('rewrites nextLink of every list and of no other operation', () => {
    const lists = [...objectsOf(swagger.paths)].filter((operation) => 'x-ms-pageable' in operation);
    const [policy, ...others] = policyTemplateInstances;
    assert.deepEqual(others, []);
    assert.equal(policy?.templateId, 'updatenextlink');
    assert.deepEqual(policy.parameters, {
      'x-ms-apimTemplate-operationName': lists.map(({ operationId }) => operationId),
      'x-ms-apimTemplateParameter.nextLinkPropertyName': 'nextLink',
    });
    for (const list of lists) assert.equal(at(list, 'x-ms-pageable', 'nextLinkName'), 'nextLink');
  });

  test('declares the function key as a secret', () => {
    assert.deepEqual(Object.keys(connectionParameters), ['api_key']);
    assert.equal(connectionParameters.api_key.type, 'securestring');
    assert.equal(connectionParameters.api_key.uiDefinition.constraints.clearText, false);
  });
});

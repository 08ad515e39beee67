import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import keyProperties from '../../examples/connector/apiProperties.json' with { type: 'json' };
import oauthProperties from '../../examples/connector/apiProperties.oauth.json' with { type: 'json' };
import { at, objectsOf, swagger } from './inbound/documents/api-documents.ts';

for (const [name, { properties }] of Object.entries({ key: keyProperties, 'OAuth 2.0': oauthProperties })) {
  describe(`examples/connector with ${name}`, () => {
    test('rewrites nextLink of every list and of no other operation', () => {
      const lists = [...objectsOf(swagger.paths)].filter((operation) => 'x-ms-pageable' in operation);
      const [policy, ...others] = properties.policyTemplateInstances;
      assert.deepEqual(others, []);
      assert.equal(policy?.templateId, 'updatenextlink');
      assert.deepEqual(policy.parameters, {
        'x-ms-apimTemplate-operationName': lists.map(({ operationId }) => operationId),
        'x-ms-apimTemplateParameter.nextLinkPropertyName': 'nextLink',
      });
      for (const list of lists) assert.equal(at(list, 'x-ms-pageable', 'nextLinkName'), 'nextLink');
    });
  });
}

describe('examples/connector', () => {
  test('declares the function key as a secret', () => {
    const { connectionParameters } = keyProperties.properties;
    assert.deepEqual(Object.keys(connectionParameters), ['api_key']);
    assert.equal(connectionParameters.api_key.type, 'securestring');
    assert.equal(connectionParameters.api_key.uiDefinition.constraints.clearText, false);
  });

  test('requests tokens for the app with OAuth 2.0, without a secret in the file', () => {
    const { oAuthSettings } = oauthProperties.properties.connectionParameters.token;
    assert.equal(oAuthSettings.identityProvider, 'aad');
    const { AzureActiveDirectoryResourceId: resource } = oAuthSettings.properties;
    assert.equal(oAuthSettings.customParameters.resourceUri.value, resource);
    assert.doesNotMatch(JSON.stringify(oauthProperties), /secret/i);
  });
});

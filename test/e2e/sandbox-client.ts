import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

/**
 * What an app does that lives in the sandbox, in as few lines as it takes: secret, token, incidents, a hunt. It prints
 * what came back.
 */
const {
  KEY_VAULT_URL: vaultUrl = '',
  DEFENDER_TENANT_ID: tenantId = '',
  DEFENDER_CLIENT_ID: clientId = '',
} = process.env;
const vault = new SecretClient(vaultUrl, new ManagedIdentityCredential());
const { value: secret = '' } = await vault.getSecret('defender-client-secret');
const credential = new ClientSecretCredential(tenantId, clientId, secret);

const { token } = await credential.getToken('https://api.security.microsoft.com/.default');
const response = await createPipelineFromOptions({}).sendRequest(
  createDefaultHttpClient(),
  createPipelineRequest({
    url: 'https://api.security.microsoft.com/api/incidents?$top=20',
    headers: createHttpHeaders({ authorization: `Bearer ${token}` }),
  }),
);

const { token: graphToken } = await credential.getToken('https://graph.microsoft.com/.default');
const hunt = await fetch('https://graph.microsoft.com/v1.0/security/runHuntingQuery', {
  method: 'POST',
  headers: { authorization: `Bearer ${graphToken}`, 'content-type': 'application/json' },
  body: JSON.stringify({ Query: 'AlertInfo | summarize count() by Severity' }),
});

console.log(
  JSON.stringify({
    viaPipeline: { status: response.status, incidents: countOf(response.bodyAsText) },
    viaFetch: { status: hunt.status, hasSchema: (await hunt.text()).includes('"schema"') },
  }),
);

function countOf(body: string | null | undefined): number {
  const { value }: { value: readonly unknown[] } = JSON.parse(body ?? '');
  return value.length;
}

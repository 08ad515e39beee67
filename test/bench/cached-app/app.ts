import { app } from '@azure/functions';
import { ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

/**
 * The function that a team writes by hand with the same packages: the secret is read once, the credential caches its token, and the page is
 * fetched, parsed and returned. It does not validate, normalize, retry or page.
 */
app.http('listIncidents', {
  methods: ['GET'],
  route: 'incidents',
  authLevel: 'function',
  async handler() {
    credential ??= openCredential();
    const { token } = await (await credential).getToken('https://api.security.microsoft.com/.default');
    const response = await fetch('https://api.security.microsoft.com/api/incidents?$top=20', {
      headers: { authorization: `Bearer ${token}` },
    });
    const { value } = (await response.json()) as { value: unknown[] };
    return { jsonBody: { value } };
  },
});

let credential: Promise<ClientSecretCredential> | undefined;

async function openCredential(): Promise<ClientSecretCredential> {
  const { KEY_VAULT_URL = '', DEFENDER_TENANT_ID = '', DEFENDER_CLIENT_ID = '' } = process.env;
  const vault = new SecretClient(KEY_VAULT_URL, new ManagedIdentityCredential());
  const { value = '' } = await vault.getSecret('defender-client-secret');
  return new ClientSecretCredential(DEFENDER_TENANT_ID, DEFENDER_CLIENT_ID, value);
}

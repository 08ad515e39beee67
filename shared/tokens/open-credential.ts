import type { Clock } from '../clock.ts';
import type { OpenCredential } from './client-credential.ts';
import type { VaultCredential } from './vault-credential.ts';

/** Credentials with a client secret. */
export function openWithSecret(clientId: string): OpenCredential<VaultCredential> {
  return async ({ value: clientSecret }, principal, options) => {
    const { ClientSecretCredential, OnBehalfOfCredential } = await import('./identity-sdk.ts');
    const { tenantId } = principal;
    if (principal.kind === 'application') {
      return new ClientSecretCredential(tenantId, clientId, clientSecret, options);
    }
    const userAssertionToken = principal.assertion;
    return new OnBehalfOfCredential({ ...options, tenantId, clientId, clientSecret, userAssertionToken });
  };
}

/** Credentials with a certificate. The chain is sent for applications that trust an issuer and subject name. */
export function openWithCertificate(clientId: string, clock: Clock): OpenCredential<VaultCredential> {
  return async ({ value: pem }, principal, options) => {
    const { ClientCertificateCredential, OnBehalfOfCredential } = await import('./identity-sdk.ts');
    const { tenantId } = principal;
    if (principal.kind === 'application') {
      const certificate = { certificate: pem };
      return new ClientCertificateCredential(tenantId, clientId, certificate, {
        ...options,
        sendCertificateChain: true,
      });
    }
    const tokenUrl = `${options.authorityHost}/${tenantId}/oauth2/v2.0/token`;
    const getAssertion = async () => {
      const { signClientAssertion } = await import('./client-assertion.ts');
      return await signClientAssertion({ clientId, tokenUrl, pem, now: clock.now() });
    };
    const userAssertionToken = principal.assertion;
    return new OnBehalfOfCredential({ ...options, tenantId, clientId, getAssertion, userAssertionToken });
  };
}

/** Credentials with a managed identity's token, which the application trusts as a federated credential. */
export function openWithAssertion(clientId: string): OpenCredential<{ value: string }> {
  return async ({ value: clientAssertion }, principal, options) => {
    const { ClientAssertionCredential, OnBehalfOfCredential } = await import('./identity-sdk.ts');
    const { tenantId } = principal;
    const getAssertion = async () => clientAssertion;
    if (principal.kind === 'application') {
      return new ClientAssertionCredential(tenantId, clientId, getAssertion, options);
    }
    const userAssertionToken = principal.assertion;
    return new OnBehalfOfCredential({ ...options, tenantId, clientId, getAssertion, userAssertionToken });
  };
}

/**
 * What we use of the SDK, which with MSAL is half of the app's code. It is imported where it is first needed, and ahead of that while
 * Key Vault's first answer is awaited: a cold start then need not wait for both in turn.
 */
export {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  OnBehalfOfCredential,
} from '@azure/identity';

/**
 * The part of the SDK that the app uses; with MSAL it is half of the app's code. It is loaded with its first use, or before that while
 * the first response of Key Vault is awaited, so that a cold start does not wait for both in turn.
 */
export {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  OnBehalfOfCredential,
} from '@azure/identity';

import { kindOf, type RefusalKind } from './aadsts-kind.ts';

/** An error of Entra, and what an administrator can do. */
export interface EntraRefusal {
  kind: RefusalKind;
  meaning: string;
  nextStep: string;
}

type Advice = Omit<EntraRefusal, 'kind'>;

const rotate =
  'Create a new client secret for the application in Entra and store it as a new version of the secret in Key Vault; no restart is needed.';
const consent = "Have an administrator of that tenant grant admin consent to the application's permissions.";
const waitAndSee = 'Wait: the app retries. If the problem persists, check the Microsoft Entra service health.';
const matchCloud = 'Set DEFENDER_CLOUD to the cloud of the tenant and the app registration.';
const registerIdentity =
  "Compare the federated credential of the app registration (issuer, audience, and as subject the managed identity's object id) with the identity of the function app: AZURE_CLIENT_ID names the user-assigned one.";
const reportScope = 'Set DEFENDER_CLOUD to the cloud of the tenant. If it is correct, report a bug of the app.';

const assertionRejected = (meaning: string): Advice => ({
  meaning,
  nextStep: 'Sign the user in again and request a token whose audience is this application.',
});

const notFederated = (meaning: string): Advice => ({ meaning, nextStep: registerIdentity });

/** Entra's error codes, by AADSTS number. */
const advice: Record<number, Advice> = {
  7000215: { meaning: 'The client secret is wrong or was revoked.', nextStep: rotate },
  7000222: { meaning: 'The client secret has expired.', nextStep: rotate },
  7000218: {
    meaning: 'The request has no client credential.',
    nextStep: 'Check that the credential in Key Vault is not empty, and that the application is a confidential client.',
  },
  7000112: {
    meaning: 'The application is disabled in this tenant.',
    nextStep: 'Enable the enterprise application for sign-in in Entra.',
  },
  700016: { meaning: 'The application does not exist in this tenant.', nextStep: consent },
  7000229: {
    meaning: 'The application has no service principal in this tenant.',
    nextStep: consent,
  },
  65001: { meaning: 'The permissions have not been consented to in this tenant.', nextStep: consent },
  90002: {
    meaning: 'The tenant does not exist.',
    nextStep: `Check the tenant id. ${matchCloud}`,
  },
  500011: {
    meaning: 'The tenant does not have the service that the token is requested for.',
    nextStep:
      'Check that the tenant has a license of Microsoft Defender: the service appears in Entra with its first use.',
  },
  70011: { meaning: 'Entra rejected the scope.', nextStep: reportScope },
  700022: { meaning: 'The request names more than one resource.', nextStep: reportScope },
  901002: {
    meaning: 'The request names a resource instead of a scope.',
    nextStep: reportScope,
  },
  9001023: {
    meaning: 'This kind of token needs a tenant, not "common" or "consumers".',
    nextStep: 'Set DEFENDER_TENANT_ID to the id of the home tenant.',
  },
  700024: {
    meaning: 'The client assertion is outside its validity period.',
    nextStep: 'Check the validity of the certificate or federated credential, and the clock of the host.',
  },
  700027: {
    meaning: "The client assertion's signature does not match a certificate of the application.",
    nextStep: 'Upload the certificate in Key Vault to the app registration; no restart is needed.',
  },
  700021: {
    meaning: 'The client assertion is for another application.',
    nextStep: 'Set DEFENDER_CLIENT_ID to the client id of the application that owns the credential.',
  },
  700023: {
    meaning: 'The client assertion is for another audience.',
    nextStep: matchCloud,
  },
  50013: assertionRejected("The user's token is not valid."),
  50020: assertionRejected("The user's account does not exist in this tenant."),
  50027: assertionRejected("The user's token is malformed."),
  500131: assertionRejected("The user's token is for another audience."),
  500133: assertionRejected("The user's token has expired."),
  7000114: assertionRejected("The token is an application's; a user's is required."),
  70021: notFederated('No federated credential of the application matches.'),
  700211: notFederated("No federated credential of the application matches the token's issuer."),
  700212: notFederated("No federated credential of the application matches the token's audience."),
  700213: notFederated("No federated credential of the application matches the managed identity's subject."),
  700229: notFederated("The token is a user's; an application's is required."),
  90055: { meaning: 'Entra is throttling this tenant.', nextStep: waitAndSee },
  90024: { meaning: 'Entra is busy.', nextStep: waitAndSee },
  90033: { meaning: 'Entra is temporarily unavailable.', nextStep: waitAndSee },
  900382: { meaning: 'The tenant is in another cloud.', nextStep: matchCloud },
  900432: { meaning: 'The application is in another cloud.', nextStep: matchCloud },
  90038: { meaning: 'The tenant is in another cloud.', nextStep: matchCloud },
};

const unknownRefusal: EntraRefusal = {
  kind: 'misconfigured',
  meaning: 'Entra refused to issue a token.',
  nextStep:
    'Look up the AADSTS code at https://login.microsoftonline.com/error, and the request id in the Entra sign-in logs.',
};

const unavailable: EntraRefusal = { kind: 'transient', meaning: 'Entra failed.', nextStep: waitAndSee };

/** The error that an AADSTS number, if there is one, and an HTTP status mean. */
export function readRefusal(code: number | undefined, status: number): EntraRefusal {
  const known = code === undefined ? undefined : advice[code];
  if (code !== undefined && known !== undefined) return { kind: kindOf(code), ...known };
  return status === 429 || status >= 500 ? unavailable : unknownRefusal;
}

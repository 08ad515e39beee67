import { kindOf, type RefusalKind } from './aadsts-kind.ts';

/** What Entra's refusal means for us, and what an administrator can do about it. */
export interface EntraRefusal {
  kind: RefusalKind;
  meaning: string;
  nextStep: string;
}

type Advice = Omit<EntraRefusal, 'kind'>;

const rotate =
  'Create a new client secret for the application in Entra and store it as a new version of the secret in Key Vault; it is picked up without a restart.';
const consent = "Have an administrator of that tenant grant admin consent to the application's permissions.";
const waitAndSee = 'Wait; the app tries again by itself. If it lasts, look at the Microsoft Entra service health.';
const matchCloud = 'Set DEFENDER_CLOUD to the cloud in which the tenant and the application registration live.';
const registerIdentity =
  "Compare the federated credential of the application (issuer, subject = the managed identity's object id, audience) with the identity of this app: a user-assigned one, named by AZURE_CLIENT_ID.";
const reportScope = 'Set DEFENDER_CLOUD to the cloud of the tenant; if it is right, report this as a bug of the app.';

const assertionRejected = (meaning: string): Advice => ({
  meaning,
  nextStep: 'Sign the user in again, for a token whose audience is this application.',
});

const notFederated = (meaning: string): Advice => ({ meaning, nextStep: registerIdentity });

/** Entra's error codes, by AADSTS number. */
const advice: Record<number, Advice> = {
  7000215: { meaning: 'The client secret is wrong or was revoked.', nextStep: rotate },
  7000222: { meaning: 'The client secret has expired.', nextStep: rotate },
  7000218: {
    meaning: 'The request carried no client credential.',
    nextStep: 'Check that the credential in Key Vault is not empty, and that the application is a confidential client.',
  },
  7000112: {
    meaning: 'The application is disabled in this tenant.',
    nextStep: 'Enable the enterprise application for sign-in in Entra.',
  },
  700016: { meaning: 'The application is not known in this tenant.', nextStep: consent },
  7000229: {
    meaning: 'The application has no service principal in this tenant.',
    nextStep: consent,
  },
  65001: { meaning: 'Nobody has consented to these permissions in this tenant.', nextStep: consent },
  90002: {
    meaning: 'There is no such tenant.',
    nextStep: `Check the tenant id. ${matchCloud}`,
  },
  500011: {
    meaning: 'The tenant does not have the service that the token is for.',
    nextStep:
      'Check that the tenant has a Microsoft Defender licence: the service appears in Entra with its first use.',
  },
  70011: { meaning: 'Entra does not accept the scope.', nextStep: reportScope },
  700022: { meaning: 'The request named more than one resource.', nextStep: reportScope },
  901002: {
    meaning: 'The request named a resource where a scope belongs.',
    nextStep: reportScope,
  },
  9001023: {
    meaning: 'This kind of token needs a tenant of its own, not "common" or "consumers".',
    nextStep: 'Set DEFENDER_TENANT_ID to the id of the home tenant.',
  },
  700024: {
    meaning: 'The client assertion is outside of its validity.',
    nextStep: 'Check that the certificate or federated credential is current, and the clock of the machine.',
  },
  700027: {
    meaning: "The client assertion's signature does not match a certificate of the application.",
    nextStep:
      'Upload the certificate that is in Key Vault to the application registration; it is used from then on, without a restart.',
  },
  700021: {
    meaning: 'The client assertion is for another application.',
    nextStep: 'Set DEFENDER_CLIENT_ID to the client id of the application that the credential belongs to.',
  },
  700023: {
    meaning: 'The client assertion is for another audience.',
    nextStep: matchCloud,
  },
  50013: assertionRejected("The user's token is not valid."),
  50020: assertionRejected("The user's account is not known in this tenant."),
  50027: assertionRejected("The user's token is malformed."),
  500131: assertionRejected("The user's token is for another audience."),
  500133: assertionRejected("The user's token has expired."),
  7000114: assertionRejected("An application's token was given where a user's is needed."),
  70021: notFederated('No federated credential of the application matches.'),
  700211: notFederated("No federated credential of the application matches the token's issuer."),
  700212: notFederated("No federated credential of the application matches the token's audience."),
  700213: notFederated("No federated credential of the application matches the managed identity's subject."),
  700229: notFederated("A user's token was given where an application's is needed."),
  90055: { meaning: 'Entra is throttling this tenant.', nextStep: waitAndSee },
  90024: { meaning: 'Entra is busy.', nextStep: waitAndSee },
  90033: { meaning: 'Entra is temporarily unavailable.', nextStep: waitAndSee },
  900382: { meaning: 'The tenant lives in another cloud.', nextStep: matchCloud },
  900432: { meaning: 'The application lives in another cloud.', nextStep: matchCloud },
  90038: { meaning: 'The tenant is served by another cloud.', nextStep: matchCloud },
};

const unknownRefusal: EntraRefusal = {
  kind: 'misconfigured',
  meaning: 'Entra refused to issue a token.',
  nextStep:
    'Look the AADSTS code up at https://login.microsoftonline.com/error, and the request id in the Entra sign-in logs.',
};

const unavailable: EntraRefusal = { kind: 'transient', meaning: 'Entra failed to answer.', nextStep: waitAndSee };

/** Reads an AADSTS number, or no number at all, of an answer with this HTTP status. */
export function readRefusal(code: number | undefined, status: number): EntraRefusal {
  const known = code === undefined ? undefined : advice[code];
  if (code !== undefined && known !== undefined) return { kind: kindOf(code), ...known };
  return status === 429 || status >= 500 ? unavailable : unknownRefusal;
}

import type { Cloud } from './cloud.ts';
import { entraError } from './entra-error.ts';
import type { CloudRequest } from './exchange.ts';
import type { Effect } from './faults.ts';
import type { NamedFault } from './named-faults.ts';
import { clientCertificateName, clientSecretName } from './world.ts';

/** Faults of the credentials of the application and of consent. */
export const credentialFaults: Readonly<Record<string, NamedFault>> = {
  'expired-secret': {
    summary: 'the client secret has expired, in Entra and in Key Vault (AADSTS7000222)',
    switchOn: ({ administrator }) => administrator.expireSecret(),
  },
  'rotated-secret': {
    summary: 'the client secret is rotated just after the app has read it for the first time (AADSTS7000215, once)',
    switchOn: (cloud) => afterFirstRead(cloud, clientSecretName, () => cloud.administrator.rotateSecret()),
  },
  'disabled-secret': {
    summary: 'the secret is disabled in Key Vault',
    switchOn: ({ administrator }) => administrator.disableSecret(),
  },
  'missing-secret': {
    summary: 'the secret is missing in Key Vault',
    switchOn: ({ administrator }) => administrator.removeSecret(),
  },
  'vault-access-denied': {
    summary: 'the managed identity may not read secrets',
    switchOn: ({ administrator }) => administrator.denyVault(),
  },
  'no-identity': {
    summary: 'the app has no managed identity',
    switchOn: ({ administrator }) => administrator.removeIdentities(),
  },
  'expired-certificate': {
    summary: 'the certificate has expired, in Entra and in Key Vault (AADSTS700027)',
    async switchOn({ administrator, now }) {
      await administrator.rotateCertificate({ expiresAt: now() - 1000 });
    },
  },
  'rotated-certificate': {
    summary: 'the certificate is rotated just after the app has read it for the first time (AADSTS700027, once)',
    switchOn: (cloud) => afterFirstRead(cloud, clientCertificateName, () => cloud.administrator.rotateCertificate()),
  },
  'unregistered-certificate': {
    summary: 'the certificate in Key Vault is not on the app registration (AADSTS700027)',
    async switchOn({ administrator }) {
      administrator.unregisterCertificate(await administrator.rotateCertificate());
    },
  },
  'certificate-without-key': {
    summary: 'Key Vault has the certificate without its private key',
    async switchOn({ administrator }) {
      await administrator.rotateCertificate({ format: 'withoutKey' });
    },
  },
  'assertion-out-of-time': {
    summary: 'Entra finds no client assertion within its time, as when clocks differ (AADSTS700024)',
    switchOn(cloud) {
      const effect: Effect = () => entraError(700024, {}, cloud.now());
      cloud.faults.add({ service: 'entra', match: ({ body }) => body.includes('client_assertion='), effect });
    },
  },
  'no-federation': {
    summary: 'the application trusts no managed identity (AADSTS70021)',
    switchOn: ({ administrator }) => administrator.endFederation(),
  },
  'wrong-federation': {
    summary: 'the application trusts another identity than the one the app has (AADSTS700213)',
    switchOn({ administrator, world }) {
      administrator.endFederation();
      administrator.federate({ subject: world.home.id });
    },
  },
  'declined-consent': {
    summary: 'the administrator of every tenant declines when asked for consent',
    switchOn({ administrator, world }) {
      for (const tenant of world.tenants) administrator.declineConsent(tenant);
    },
  },
};

/** A request without a token only gets the challenge: it reads nothing. */
function afterFirstRead({ faults }: Cloud, secretName: string, happen: () => unknown): void {
  const match = ({ url, headers }: CloudRequest) =>
    headers.authorization !== undefined && url.includes(`/secrets/${secretName}`);
  const effect: Effect = async (_request, answer) => {
    const reply = await answer();
    await happen();
    return reply;
  };
  faults.add({ service: 'keyVault', match, times: 1, effect });
}

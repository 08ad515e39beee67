import type { TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';
import type { Api } from '../clouds.ts';
import type { Config } from '../config.ts';
import { describeGrant } from '../defender/authorization-error.ts';
import type { Grantee } from '../defender/permissions.ts';
import { UpstreamError, type UpstreamService } from '../errors.ts';
import type { AppCredential } from '../tokens/app-credential.ts';
import { readPermissions } from '../tokens/token-claims.ts';
import type { AccessToken } from '../tokens/token-provider.ts';
import type { VaultCredential } from '../tokens/vault-credential.ts';
import { daysLeft, isExpiringSoon } from './credential-expiry.ts';
import type { ApiHealth, Step } from './health-schema.ts';

interface Taken<T> {
  step: Step;
  value?: T;
}

type Finding = Omit<Step, 'name' | 'durationMs'>;
const passed: Finding = { status: 'pass' };

/** Takes one step, and tells how it went: by its error, or by what `judge` finds in its value. */
async function takeStep<T>(
  name: Step['name'],
  clock: Clock,
  action: () => Promise<T>,
  judge: (value: T) => Finding = () => passed,
): Promise<Taken<T>> {
  const startedAt = clock.now();
  const told = (finding: Finding): Step => ({ name, durationMs: Math.round(clock.now() - startedAt), ...finding });
  try {
    const value = await action();
    return { step: told(judge(value)), value };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const { upstream, failure, message: detail, nextStep } = error;
    // A step before this one failed, and has told it.
    if (serviceOfStep[name] !== upstream.service) return { step: told({ status: 'skipped' }) };
    return { step: told({ status: 'fail', code: upstream.code ?? failure, detail, ...(nextStep && { nextStep }) }) };
  }
}

const serviceOfStep: Record<Step['name'], UpstreamService | undefined> = {
  managedIdentity: 'managedIdentity',
  keyVault: 'keyVault',
  token: 'entra',
  permissions: undefined,
};

const skip = (name: Step['name']): Taken<never> => ({ step: { name, status: 'skipped', durationMs: 0 } });

interface CredentialWorld {
  config: Config;
  clock: Clock;
  managedIdentity: TokenCredential;
  appCredential: AppCredential;
}

/** The steps that all tokens share: the app's own identity, and the secret or certificate that it opens. */
export async function checkCredential({ config, clock, managedIdentity, appCredential }: CredentialWorld) {
  const { vault, identityScope } = appCredential;
  const identity = await takeStep('managedIdentity', clock, () => managedIdentity.getToken(identityScope));
  const keyVault =
    vault === undefined || identity.step.status === 'fail'
      ? skip('keyVault')
      : await takeStep(
          'keyVault',
          clock,
          () => vault.read(),
          (credential) => judgeExpiry(config, credential, clock.now()),
        );
  return { steps: [identity.step, keyVault.step], vaultCredential: keyVault.value };
}

function judgeExpiry(config: Config, credential: VaultCredential, now: number): Finding {
  if (!isExpiringSoon(credential, now)) return passed;
  const isCertificate = config.credential.kind === 'certificate';
  return {
    status: 'warn',
    code: isCertificate ? 'CertificateNearExpiry' : 'SecretNearExpiry',
    detail: `The ${isCertificate ? 'certificate' : 'client secret'} expires in ${daysLeft(credential, now)} days.`,
    nextStep: isCertificate
      ? 'Create a new version of the certificate in Key Vault and upload it to the application registration.'
      : 'Create a new client secret and store it as a new version of the secret in Key Vault.',
  };
}

/** Entra's code for a tenant that does not have the service: Defender for Endpoint is a licence of its own, and nothing is broken without it. */
const withoutProduct = 'AADSTS500011';

/** The steps to a token for one API in one tenant, and what the token allows. */
export async function checkApi(
  api: Api,
  needed: (readonly string[])[],
  grantee: Grantee,
  clock: Clock,
  getToken: () => Promise<AccessToken>,
): Promise<ApiHealth> {
  const token = await takeStep('token', clock, getToken);
  if (token.step.code === withoutProduct && api === 'defenderForEndpoint') token.step.status = 'warn';
  const granted = token.value === undefined ? [] : readPermissions(token.value.token);
  const missing =
    token.value === undefined
      ? []
      : needed.flatMap((names) => (names.some((name) => granted.includes(name)) ? [] : names.slice(0, 1)));
  const permissions =
    token.value === undefined
      ? skip('permissions')
      : await takeStep(
          'permissions',
          clock,
          async () => missing,
          (names) => judgePermissions(names, granted, (name) => describeGrant(grantee, 'application', name, api)),
        );
  return { api, steps: [token.step, permissions.step], permissions: { granted, missing } };
}

function judgePermissions(missing: string[], granted: string[], toGrant: (name: string) => string): Finding {
  if (missing.length === 0) return passed;
  const names = missing.join(', ');
  return {
    status: granted.length === 0 ? 'fail' : 'warn',
    code: 'MissingPermission',
    detail: granted.length === 0 ? `The token has no permission; ${names} is missing.` : `${names} is missing.`,
    nextStep: missing.map(toGrant).join(' '),
  };
}

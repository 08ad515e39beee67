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

interface Result<T> {
  step: Step;
  value?: T;
}

type Finding = Omit<Step, 'name' | 'durationMs'>;
const passed: Finding = { status: 'pass' };

/** Runs one step; `judge` rates a successful result. */
async function runStep<T>(
  name: Step['name'],
  clock: Clock,
  action: () => Promise<T>,
  judge: (value: T) => Finding = () => passed,
): Promise<Result<T>> {
  const startedAt = clock.now();
  const toStep = (finding: Finding): Step => ({ name, durationMs: Math.round(clock.now() - startedAt), ...finding });
  try {
    const value = await action();
    return { step: toStep(judge(value)), value };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const { upstream, failure, message: detail, nextStep } = error;
    // An earlier step failed and has reported it.
    if (serviceOfStep[name] !== upstream.service) return { step: toStep({ status: 'skipped' }) };
    return { step: toStep({ status: 'fail', code: upstream.code ?? failure, detail, ...(nextStep && { nextStep }) }) };
  }
}

const serviceOfStep: Record<Step['name'], UpstreamService | undefined> = {
  managedIdentity: 'managedIdentity',
  keyVault: 'keyVault',
  token: 'entra',
  permissions: undefined,
};

const skip = (name: Step['name']): Result<never> => ({ step: { name, status: 'skipped', durationMs: 0 } });

interface StepContext {
  config: Config;
  clock: Clock;
  managedIdentity: TokenCredential;
  appCredential: AppCredential;
}

/** The steps that all tokens share: the managed identity, and the secret or certificate in Key Vault. */
export async function checkCredential({ config, clock, managedIdentity, appCredential }: StepContext) {
  const { vault, identityScope } = appCredential;
  const identity = await runStep('managedIdentity', clock, () => managedIdentity.getToken(identityScope));
  const keyVault =
    vault === undefined || identity.step.status === 'fail'
      ? skip('keyVault')
      : await runStep(
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
      ? 'Create a new version of the certificate in Key Vault and upload it to the app registration.'
      : 'Create a new client secret and store it as a new version of the secret in Key Vault.',
  };
}

/** The tenant lacks the service. Defender for Endpoint has a license of its own, and its absence is not a failure. */
const serviceMissing = 'AADSTS500011';

/** The steps to a token for one API in one tenant, and its permissions. */
export async function checkApi(
  api: Api,
  needed: (readonly string[])[],
  grantee: Grantee,
  clock: Clock,
  getToken: () => Promise<AccessToken>,
): Promise<ApiHealth> {
  const token = await runStep('token', clock, getToken);
  if (token.step.code === serviceMissing && api === 'defenderForEndpoint') token.step.status = 'warn';
  const granted = token.value === undefined ? [] : readPermissions(token.value.token);
  const missing =
    token.value === undefined
      ? []
      : needed.flatMap((names) => (names.some((name) => granted.includes(name)) ? [] : names.slice(0, 1)));
  const permissions =
    token.value === undefined
      ? skip('permissions')
      : await runStep(
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
    detail: granted.length === 0 ? `The token has no permissions. Missing: ${names}.` : `Missing: ${names}.`,
    nextStep: missing.map(toGrant).join(' '),
  };
}

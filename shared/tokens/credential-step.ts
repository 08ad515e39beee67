import { callThroughSdk, type SdkOptions, type SdkPlatform } from '../outbound/sdk-call.ts';
import type { StepService, VaultSecretName } from './step-error.ts';

/**
 * Runs one step of token acquisition through an SDK, for at most 10 s. Every failure is a `StepError`, which names the secret of Key
 * Vault if one is given.
 */
export type RunStep = <T>(
  service: StepService,
  action: (options: SdkOptions) => Promise<T>,
  secret?: VaultSecretName,
) => Promise<T>;

export function createStepRunner(platform: SdkPlatform): RunStep {
  return (service, action, secret) =>
    callThroughSdk(
      platform,
      service,
      async (outcome, now) => (await import('./step-error.ts')).toStepError({ service, outcome, now, secret }),
      action,
    );
}

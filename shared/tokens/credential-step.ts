import { callThroughSdk, type SdkOptions, type SdkPlatform } from '../outbound/sdk-call.ts';
import type { StepService } from './step-error.ts';

/** Runs one step of getting a token through an SDK: at most ten seconds, and whatever goes wrong is a `StepError`. */
export type RunStep = <T>(service: StepService, action: (options: SdkOptions) => Promise<T>) => Promise<T>;

export function createStepRunner(world: SdkPlatform): RunStep {
  return (service, action) =>
    callThroughSdk(
      world,
      service,
      async (outcome, now) => (await import('./step-error.ts')).toStepError(service, outcome, now),
      action,
    );
}

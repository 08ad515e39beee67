import { app as library } from '@azure/functions';
import { surface } from '../../functions/surface.ts';

import { createApp, readPublicSettings, registerFunctions } from '../../shared/inbound/register.ts';
import { toRegistrations } from '../../shared/inbound/registration.ts';
import type { Platform } from '../../shared/platform.ts';
import { openServicesOnce } from '../../shared/services.ts';

import { AppProcessEndedError, type Outcome } from '../host/app-process.ts';
import { provideCoreModule } from '../host/core-module.ts';
import { FunctionApp, type ProgrammingModel } from '../host/function-app.ts';
import { runInvocation } from '../host/invocation.ts';
import type { FunctionMetadata, Invocation, LogLine } from '../host/messages.ts';
import { forgetIdentityTokens } from '../sandbox/forget-identity-tokens.ts';

/** The app as one instance runs it, in this process. */
export interface InProcessApp {
  readonly functions: readonly FunctionMetadata[];
  invoke(invocation: Invocation, body: Buffer): Promise<Outcome>;
  /** The instance dies: nothing that it still does has an effect, and its invocations end without a result. */
  kill(): void;
}

let registering: FunctionApp | undefined;
// The library hands it over once for the process.
let model: ProgrammingModel | undefined;

provideCoreModule(() => {
  if (registering === undefined) throw new TypeError('No app is being registered');
  return registering;
});

/** Loads the app from its sources. Its hooks (telemetry) are left to the tests of the built app. */
export function loadApp(platform: Platform, onLog: (line: LogLine, isLate: boolean) => void): InProcessApp {
  const running = new Map<string, PromiseWithResolvers<Outcome>>();
  let isDead = false;
  const never = new Promise<never>(() => {});
  const client = (inner: Platform['httpClient']): Platform['httpClient'] => ({
    async sendRequest(request) {
      if (isDead) return await never;
      const response = await inner.sendRequest(request);
      return isDead ? await never : response;
    },
  });
  const functionApp = new FunctionApp((line) => {
    const { invocationId } = line;
    if (!isDead) onLog(line, invocationId !== undefined && !running.has(invocationId));
  });
  register(functionApp, {
    ...platform,
    httpClient: client(platform.httpClient),
    callbackClient: client(platform.callbackClient),
  });

  return {
    functions: [...functionApp.functions.values()].map(({ metadata }) => metadata),
    async invoke(invocation, body) {
      if (isDead) throw new AppProcessEndedError('The instance is dead.');
      const run = Promise.withResolvers<Outcome>();
      running.set(invocation.invocationId, run);
      void runInvocation(functionApp, invocation, body).then(({ result, body: reply = Buffer.alloc(0) }) => {
        running.delete(invocation.invocationId);
        run.resolve({ result, body: Buffer.from(reply) });
      });
      return await run.promise;
    },
    kill() {
      isDead = true;
      for (const { reject } of running.values()) reject(new AppProcessEndedError('The instance died.'));
    },
  };
}

function register(functionApp: FunctionApp, platform: Platform): void {
  registering = functionApp;
  forgetIdentityTokens();
  const version = '0.0.0-test';
  const app = createApp(toRegistrations(surface), {
    version,
    clock: platform.clock,
    ...readPublicSettings(platform.environment),
    openServices: openServicesOnce(platform),
  });
  registerFunctions(toRegistrations(surface), app, platform.environment, library);
  model ??= functionApp.model;
  functionApp.model = model;
}

import { AsyncLocalStorage } from 'node:async_hooks';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { PreInvocationContext } from '@azure/functions';
import type { Clock } from './clock.ts';
import { type Environment, hasIdentityEndpoint } from './config.ts';
import { messageOf } from './errors.ts';
import type { Observe } from './outbound/observation.ts';
import { withTimeout } from './outbound/timeout.ts';
import { createBacklog } from './telemetry/backlog.ts';
import { type Operation, toOperation } from './telemetry/operation.ts';
import type { CreateSink, Sink, SinkOptions } from './telemetry/sink.ts';

/** Sends observations to operators. Delays no response, and never fails a call. */
export interface Telemetry {
  observe: Observe;
  /** Before each invocation: relates its observations to the host's request. */
  correlate(invocation: PreInvocationContext): void;
  /** After each invocation: starts sending a moment after the first response. */
  startSoon(): void;
  /** Sends what is pending, within two seconds. */
  flush(): Promise<void>;
}

interface TelemetryOptions {
  environment: Environment;
  version: string;
  clock: Clock;
  httpClient: HttpClient;
  random: () => number;
  /** Reports that telemetry is missing or incomplete. */
  warn: (message: string) => void;
  load?: () => Promise<CreateSink>;
}

/** The worker sends the response after the hooks; loading the SDK takes 100 ms of CPU. */
const startDelayMs = 1000;
const restartPauseMs = 60_000;
const flushLimitMs = 2000;

const disabled: Telemetry = { observe: () => {}, correlate: () => {}, startSoon: () => {}, flush: async () => {} };

/** Application Insights; disabled without a connection string. The SDK is loaded after the first response. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const connectionString = options.environment.APPLICATIONINSIGHTS_CONNECTION_STRING?.trim();
  return connectionString ? startTelemetry(options, connectionString) : disabled;
}

async function loadSdk(): Promise<CreateSink> {
  return (await import('./telemetry/application-insights.ts')).createApplicationInsights;
}

function startTelemetry(options: TelemetryOptions, connectionString: string): Telemetry {
  const { clock, warn, load = loadSdk } = options;
  const operations = new AsyncLocalStorage<Operation | undefined>();
  const backlog = createBacklog();
  let sink: Pick<Sink, 'send'> = backlog;
  let started: Promise<Sink | undefined> | undefined;
  let isStarting = false;
  let restartAt = 0;

  async function start(): Promise<Sink | undefined> {
    try {
      const createSink = await load();
      const ready = createSink(await toSinkOptions(options, connectionString));
      const dropped = backlog.moveTo(ready);
      if (dropped > 0) warn(`Telemetry is incomplete: ${dropped} observations were dropped before it started.`);
      sink = ready;
      return ready;
    } catch (error) {
      if (restartAt === 0) warn(`Failed to start telemetry: ${messageOf(error)}`);
      restartAt = clock.now() + restartPauseMs;
      started = undefined;
      isStarting = false;
      return undefined;
    }
  }

  const startOnce = () => {
    started ??= start();
    return started;
  };

  return {
    observe(observation) {
      try {
        sink.send({ observation, at: clock.now(), operation: operations.getStore() });
      } catch {
        // This observation is dropped: it must not affect the call that it is about.
      }
    },
    correlate(invocation) {
      const { functionHandler: handle } = invocation;
      const operation = toOperation(invocation.invocationContext);
      invocation.functionHandler = (...inputs) => operations.run(operation, () => handle(...inputs));
    },
    startSoon() {
      if (isStarting || clock.now() < restartAt) return;
      isStarting = true;
      clock.startTimer(startOnce, startDelayMs);
    },
    async flush() {
      try {
        await withTimeout(clock, flushLimitMs, async () => (await startOnce())?.flush());
      } catch {
        // The app is ending.
      }
    },
  };
}

async function toSinkOptions(options: TelemetryOptions, connectionString: string): Promise<SinkOptions> {
  const { environment, version, httpClient } = options;
  const siteName = environment.WEBSITE_SITE_NAME;
  const credential = await openCredential(options);
  return { connectionString, siteName, version, httpClient, ...(credential && { credential }) };
}

/** The managed identity, where `APPLICATIONINSIGHTS_AUTHENTICATION_STRING` asks for it: the setting that the host obeys too. */
async function openCredential(options: TelemetryOptions): Promise<TokenCredential | undefined> {
  const { environment } = options;
  const parts = new Map(
    (environment.APPLICATIONINSIGHTS_AUTHENTICATION_STRING ?? '').split(';').map((part) => {
      const [name = '', value = ''] = part.split('=').map((text) => text.trim());
      return [name.toLowerCase(), value];
    }),
  );
  if (parts.get('authorization')?.toLowerCase() !== 'aad') return undefined;
  const { createManagedIdentity } = await import('./tokens/managed-identity.ts');
  const { createStepRunner } = await import('./tokens/credential-step.ts');
  const { createCachedCredential } = await import('./tokens/cached-credential.ts');
  const managedIdentity = createManagedIdentity({
    runStep: createStepRunner(options),
    clientId: parts.get('clientid') || undefined,
    isAvailable: hasIdentityEndpoint(environment),
  });
  // Logs and metrics are sent by exporters of their own, each with its own request for a token.
  return createCachedCredential(managedIdentity, options.clock);
}

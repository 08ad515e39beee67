import { AsyncLocalStorage } from 'node:async_hooks';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { PreInvocationContext } from '@azure/functions';
import type { Clock } from './clock.ts';
import type { Environment } from './config.ts';
import type { Observe } from './outbound/observation.ts';
import { withTimeout } from './outbound/timeout.ts';
import { createBacklog } from './telemetry/backlog.ts';
import { type Operation, toOperation } from './telemetry/operation.ts';
import type { CreateSink, Sink, SinkOptions } from './telemetry/sink.ts';

/** What operators are told of the app. Never in the way: it delays no answer, and no failure of it reaches a caller. */
export interface Telemetry {
  observe: Observe;
  /** Before each invocation: what is observed during it, and in whatever it starts, belongs to the host's request. */
  correlate(invocation: PreInvocationContext): void;
  /** After each invocation. The first one starts sending, a moment later, when the answer is on its way. */
  startSoon(): void;
  /** Sends what is still here, within two seconds. */
  flush(): Promise<void>;
}

interface TelemetryOptions {
  environment: Environment;
  version: string;
  clock: Clock;
  httpClient: HttpClient;
  /** Tells whoever runs the app, once, that telemetry is missing or incomplete. */
  warn: (message: string) => void;
  load?: () => Promise<CreateSink>;
}

/** The worker sends the answer after the hooks; loading the SDK takes the processor for a tenth of a second. */
const startDelayMs = 1000;
const flushLimitMs = 2000;

const silence: Telemetry = { observe: () => {}, correlate: () => {}, startSoon: () => {}, flush: async () => {} };

/** Application Insights; silence without a connection string. The SDK is a file of its own, loaded when the first answer is out. */
export function createTelemetry({
  environment,
  version,
  clock,
  httpClient,
  warn,
  load = loadSdk,
}: TelemetryOptions): Telemetry {
  const connectionString = environment.APPLICATIONINSIGHTS_CONNECTION_STRING?.trim();
  if (!connectionString) return silence;
  const siteName = environment.WEBSITE_SITE_NAME;
  return startTelemetry({ connectionString, siteName, version, httpClient }, clock, warn, load);
}

async function loadSdk(): Promise<CreateSink> {
  return (await import('./telemetry/application-insights.ts')).createApplicationInsights;
}

function startTelemetry(
  options: SinkOptions,
  clock: Clock,
  warn: (message: string) => void,
  load: () => Promise<CreateSink>,
): Telemetry {
  const operations = new AsyncLocalStorage<Operation | undefined>();
  const backlog = createBacklog();
  let sink: Pick<Sink, 'send'> = backlog;
  let started: Promise<Sink | undefined> | undefined;
  let isStarting = false;

  async function start(): Promise<Sink | undefined> {
    try {
      const createSink = await load();
      const ready = createSink(options);
      const dropped = backlog.moveTo(ready);
      if (dropped > 0) warn(`Telemetry is incomplete: ${dropped} observations were dropped before it was ready.`);
      sink = ready;
      return ready;
    } catch (error) {
      sink = { send: () => {} };
      backlog.clear();
      warn(`There is no telemetry: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  const startOnce = () => {
    started ??= start();
    return started;
  };

  return {
    observe: (observation) => sink.send({ observation, at: clock.now(), operation: operations.getStore() }),
    correlate(invocation) {
      const { functionHandler: handle } = invocation;
      const operation = toOperation(invocation.invocationContext);
      invocation.functionHandler = (...inputs) => operations.run(operation, () => handle(...inputs));
    },
    startSoon() {
      if (isStarting) return;
      isStarting = true;
      clock.startTimer(startOnce, startDelayMs);
    },
    async flush() {
      try {
        await withTimeout(clock, flushLimitMs, async () => (await startOnce())?.flush());
      } catch {
        // The app ends: there is nobody left to tell.
      }
    },
  };
}

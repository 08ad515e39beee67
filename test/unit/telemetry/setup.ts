import library from '@azure/functions';
import type { Observation } from '../../../shared/outbound/observation.ts';
import type { CreateSink, Observed, Sink } from '../../../shared/telemetry/sink.ts';
import { createTelemetry } from '../../../shared/telemetry.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient } from '../fake-http-client.ts';

const connectionString = 'InstrumentationKey=11111111-2222-3333-4444-555555555555';
export const waited: Observation = { name: 'ThrottlingWait', service: 'graph', tenantId: 'contoso', waitMs: 1 };
export const waitedFor = (waitMs: number): Observation => ({ ...waited, waitMs });

export function createSetup(load?: () => Promise<CreateSink>, setting: string | undefined = connectionString) {
  const clock = createFakeClock();
  const warnings: string[] = [];
  const sent: Observed[] = [];
  let loads = 0;
  const sink: Sink = { send: (observed) => sent.push(observed), flush: async () => {} };
  const telemetry = createTelemetry({
    environment: { APPLICATIONINSIGHTS_CONNECTION_STRING: setting },
    version: '1.2.3',
    clock,
    httpClient: createFakeHttpClient(),
    random: () => 0,
    warn: (message) => warnings.push(message),
    load: () => {
      loads++;
      return load?.() ?? Promise.resolve(() => sink);
    },
  });
  return { telemetry, clock, warnings, sent, loads: () => loads };
}

export const waits = (sent: readonly Observed[]) =>
  sent.map(({ observation }) => (observation.name === 'ThrottlingWait' ? observation.waitMs : undefined));

/** Runs a handler between the hooks, as the worker does. */
export function invoke(
  telemetry: ReturnType<typeof createTelemetry>,
  traceParent: string,
  handler: () => unknown,
): unknown {
  const invocationContext = new library.InvocationContext({
    functionName: 'listIncidents',
    traceContext: { traceParent },
  });
  const invocation = new library.PreInvocationContext({ functionCallback: handler, invocationContext });
  telemetry.correlate(invocation);
  return invocation.functionHandler(undefined, invocationContext);
}

export const traceParentOf = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;

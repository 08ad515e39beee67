import { resourceFromAttributes } from '@opentelemetry/resources';
import { type AzureMonitorOpenTelemetryOptions, TelemetryClient } from 'applicationinsights';
import { toReport } from './report.ts';
import type { Observed, Sink, SinkOptions } from './sink.ts';

type LogRecordProcessor = NonNullable<AzureMonitorOpenTelemetryOptions['logRecordProcessors']>[number];

/**
 * Sends to Application Insights what it is given and nothing else: a client without global providers collects nothing by itself.
 * What the SDK would do on top is left out of the bundle (see build.ts). Nothing is written to the disk.
 */
export function createApplicationInsights({ connectionString, siteName, version, httpClient }: SinkOptions): Sink {
  requireInstrumentationKey(connectionString);
  let current: Observed | undefined;
  const client = new TelemetryClient(connectionString, { useGlobalProviders: false });
  client.config.azureMonitorOpenTelemetryOptions = {
    azureMonitorExporterOptions: { connectionString, disableOfflineStorage: true, httpClient },
    resource: resourceFromAttributes({
      // The role as which the host reports its requests, so that both are one in the application map.
      'service.name': siteName?.toLowerCase() ?? 'defender-functions',
      'service.version': version,
    }),
    logRecordProcessors: [createStamp(() => current)],
  };
  client.initialize();

  return {
    send(observed) {
      const { event, metric, dimensions } = toReport(observed.observation);
      current = observed;
      if (event) client.trackEvent({ name: event.name, measurements: event.numbers, properties: dimensions });
      if (metric) client.trackMetric({ ...metric, properties: dimensions });
    },
    flush: () => client.flush(),
  };
}

/** Gives an event the time and the operation of its observation, for which `trackEvent` has no argument. */
function createStamp(getCurrent: () => Observed | undefined): LogRecordProcessor {
  return {
    onEmit(record) {
      const { at, operation } = getCurrent() ?? {};
      if (at !== undefined) Object.assign(record, { hrTime: [Math.floor(at / 1000), (at % 1000) * 1e6] });
      if (operation === undefined) return;
      const { name, traceId, parentId } = operation;
      Object.assign(record, { spanContext: { traceId, spanId: parentId, traceFlags: 1 } });
      record.setAttribute('ai.operation.name', name);
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}

/** The client itself would swallow this mistake and send nothing. */
function requireInstrumentationKey(connectionString: string): void {
  if (/(^|;)InstrumentationKey=[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}(;|$)/.test(connectionString)) return;
  throw new TypeError('APPLICATIONINSIGHTS_CONNECTION_STRING has no valid InstrumentationKey.');
}

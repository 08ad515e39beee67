import { resourceFromAttributes } from '@opentelemetry/resources';
import { type AzureMonitorOpenTelemetryOptions, TelemetryClient } from 'applicationinsights';
import { toReport } from './report.ts';
import type { Observed, Sink, SinkOptions } from './sink.ts';

type LogRecordProcessor = NonNullable<AzureMonitorOpenTelemetryOptions['logRecordProcessors']>[number];

/**
 * Sends observations to Application Insights, and nothing else: a client without global providers collects nothing by itself, and what
 * the SDK would add is left out of the bundle (see bundle-plugins.ts). Nothing is written to the disk.
 */
export function createApplicationInsights(options: SinkOptions): Sink {
  const { connectionString, siteName, version, httpClient, credential } = options;
  requireInstrumentationKey(connectionString);
  let current: Observed | undefined;
  const client = new TelemetryClient(connectionString, { useGlobalProviders: false });
  client.config.azureMonitorOpenTelemetryOptions = {
    azureMonitorExporterOptions: {
      connectionString,
      disableOfflineStorage: true,
      httpClient,
      ...(credential && { credential }),
    },
    resource: resourceFromAttributes({
      // The role name of the host's requests, so that both are one node of the application map.
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

/** Sets the time and the operation of an event, for which `trackEvent` has no argument. */
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

/** The client would silently send nothing. */
function requireInstrumentationKey(connectionString: string): void {
  if (/(^|;)InstrumentationKey=[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}(;|$)/.test(connectionString)) return;
  throw new TypeError('APPLICATIONINSIGHTS_CONNECTION_STRING has no valid InstrumentationKey');
}

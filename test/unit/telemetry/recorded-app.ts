import assert from 'node:assert/strict';
import library, { type FunctionHandler } from '@azure/functions';
import { surface } from '../../../functions/surface.ts';
import type { Clock } from '../../../shared/clock.ts';

import { createApp, readPublicSettings, registerFunctions } from '../../../shared/inbound/register.ts';
import { toRegistrations } from '../../../shared/inbound/registration.ts';

import { openServicesOnce } from '../../../shared/services.ts';
import type { CreateSink } from '../../../shared/telemetry/sink.ts';
import { createTelemetry } from '../../../shared/telemetry.ts';
import { createCloud } from '../../sandbox/cloud.ts';
import { createInMemoryHttpClient } from '../../sandbox/in-memory-http-client.ts';
import { vaultHost } from '../../sandbox/key-vault.ts';
import { identityHeader } from '../../sandbox/managed-identity.ts';
import { createRequest } from '../inbound/http-call.ts';
import { type Envelope, recordWire } from './recorded-wire.ts';

interface CallParts {
  method?: string;
  path: string;
  params?: Record<string, string>;
  body?: unknown;
}

export type RecordedApp = ReturnType<typeof createRecordedApp>;

let invocations = 0;

/** Time stands still. Pauses between retries end at once; time limits, which are 10 s or more, are never reached. */
function createImpatientClock(): Clock {
  const now = Date.parse('2026-11-20T12:00:00.123Z');
  return {
    now: () => now,
    startTimer(callback, delayMs) {
      if (delayMs >= 10_000) return () => {};
      const timer = setImmediate(callback);
      return () => clearImmediate(timer);
    },
  };
}

/** The app on the sandbox in memory with the real SDK. Records what is sent to the sandbox and to Application Insights. */
export function createRecordedApp(createSink: CreateSink, settings: Record<string, string> = {}) {
  const clock = createImpatientClock();
  const cloud = createCloud({ now: clock.now });
  const isLocalAuthDisabled = settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING !== undefined;
  const wire = recordWire(createInMemoryHttpClient(cloud), isLocalAuthDisabled);
  const { httpClient } = wire;
  const environment = {
    DEFENDER_TENANT_ID: cloud.world.home.id,
    DEFENDER_CLIENT_ID: cloud.world.application.clientId,
    KEY_VAULT_URL: `https://${vaultHost(cloud, cloud.world.vault.name)}`,
    IDENTITY_ENDPOINT: 'http://127.0.0.1:41932/msi/token',
    IDENTITY_HEADER: identityHeader,
    WEBSITE_SITE_NAME: 'Contoso-Defender',
    APPLICATIONINSIGHTS_CONNECTION_STRING:
      'InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/',
    ...settings,
  };
  // The identity library looks for the endpoint itself.
  Object.assign(process.env, { IDENTITY_ENDPOINT: environment.IDENTITY_ENDPOINT, IDENTITY_HEADER: identityHeader });

  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  const load = async () => createSink;
  const telemetry = createTelemetry({
    environment,
    version: '1.2.3',
    clock: { now: clock.now, startTimer: () => () => {} },
    httpClient,
    random: () => 0.5,
    warn,
    load,
  });
  const platform = {
    httpClient,
    callbackClient: httpClient,
    clock,
    environment,
    random: () => 0.5,
    observe: telemetry.observe,
  };
  const app = createApp(toRegistrations(surface), {
    version: '1.2.3',
    clock,
    ...readPublicSettings(environment),
    openServices: openServicesOnce(platform),
  });
  const handlers = new Map<string, FunctionHandler>();
  registerFunctions(toRegistrations(surface), app, environment, {
    http: (name, { handler }) => handlers.set(name, handler as FunctionHandler),
    timer: (name, { handler }) => handlers.set(name, handler as FunctionHandler),
    storageQueue: (name, { handler }) => handlers.set(name, handler as FunctionHandler),
  });

  /** Runs a function between the hooks, as the worker does. */
  async function run(functionName: string, input: unknown) {
    const traceId = String(++invocations).padStart(32, 'a');
    const parentId = String(invocations).padStart(16, 'b');
    const traceContext = { traceParent: `00-${traceId}-${parentId}-01` };
    const invocationContext = new library.InvocationContext({
      functionName,
      invocationId: traceId,
      traceContext,
      logHandler: () => {},
    });
    const functionCallback = handlers.get(functionName);
    if (functionCallback === undefined) throw new Error(`There is no function ${functionName}`);
    const invocation = new library.PreInvocationContext({ functionCallback, invocationContext });
    telemetry.correlate(invocation);
    const reply = await invocation.functionHandler(input, invocationContext);
    return { traceId, parentId, status: Number(Object(reply).status) };
  }

  return {
    cloud,
    clock,
    ...wire,
    invoke: (name: string, { body, ...parts }: CallParts) =>
      run(
        name,
        createRequest({
          ...parts,
          headers: { 'content-type': 'application/json', 'x-functions-key': 'function-key-0815' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      ),
    runTimer: (name: string) => run(name, { isPastDue: false }),
    async sent(): Promise<Envelope[]> {
      await telemetry.flush();
      assert.deepEqual(warnings, []);
      return wire.envelopes();
    },
    secrets: () => [...wire.credentials, identityHeader, ...cloud.world.application.secrets.map(({ value }) => value)],
  };
}

import { after, beforeEach } from 'node:test';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '../../shared/clock.ts';
import type { Observation } from '../../shared/outbound/observation.ts';
import { nodePlatform } from '../../shared/platform.ts';
import { systemClock } from '../host/clock.ts';
import { appSettings } from '../sandbox/app-settings.ts';
import type { Cloud } from '../sandbox/cloud.ts';
import { createInMemoryHttpClient } from '../sandbox/in-memory-http-client.ts';
import { createStorageAccount, isStorageUrl, type StorageAccount } from '../sandbox/storage/storage-account.ts';
import { createCall } from './call.ts';
import { loadApp } from './in-process-app.ts';
import { type InProcessHost, startInProcessHost } from './in-process-host.ts';
import { createMemoryQueueSource } from './memory-queue-source.ts';
import type { MovableTime } from './movable-time.ts';
import { createTestCloud, resetBeforeEach, type Settings, type TestApp } from './test-app.ts';

/** The app in this process, on the local host without sockets, in a sandbox cloud in memory. */
export interface InProcessTestApp extends TestApp {
  readonly host: InProcessHost;
  readonly storage: StorageAccount;
  /** Observations sent to telemetry; a test may empty the list. */
  readonly observations: Observation[];
  /** @param skewMs how far the clock of that instance is ahead. */
  startBeside(settings: Settings, skewMs?: number): Promise<InProcessTestApp>;
}

interface AppOptions {
  /** A cloud made beforehand, when the settings depend on it. */
  readonly cloud?: Cloud;
  readonly settings?: Settings;
  /** Whether the app has a storage account; a new, empty one. */
  readonly hasStorage?: boolean;
  /** The time of everything: of the cloud, of the app, of its host and of its storage. */
  readonly time?: MovableTime;
}

const identityOrigin = 'http://127.0.0.1';

export async function startApp({
  time,
  cloud = createTestCloud(time && { now: time.now }),
  settings = {},
  hasStorage = false,
}: AppOptions = {}): Promise<InProcessTestApp> {
  const environment = appSettings(cloud, identityOrigin);
  // The library for managed identities reads them from the process.
  Object.assign(process.env, environment);
  const storage = createStorageAccount(time?.now ?? Date.now);
  const cloudClient = createInMemoryHttpClient(cloud);
  const httpClient: HttpClient = {
    sendRequest: (request) => findClient(request.url, storage, cloudClient).sendRequest(request),
  };
  const common = { ...environment, ...(hasStorage && { AzureWebJobsStorage: storage.connectionString }) };

  function start(own: Settings, skewMs = 0): InProcessTestApp {
    const instance = { ...common, ...own };
    const observations: Observation[] = [];
    const platform = {
      ...nodePlatform,
      httpClient,
      callbackClient: cloudClient,
      clock: skewClock(time?.appClock ?? nodePlatform.clock, skewMs),
      environment: instance,
      observe: (observation: Observation) => void observations.push(observation),
    };
    const host = startInProcessHost({
      load: (onLog) => loadApp(platform, onLog),
      settings: instance,
      clock: time?.hostClock ?? systemClock,
      openQueue: (_connectionString, name) => createMemoryQueueSource(storage.queues, name),
    });
    return {
      cloud,
      host,
      storage,
      observations,
      call: createCall(host, host.fetch),
      startBeside: async (others, skew) => start(others, skew),
      stop: host.stop,
      [Symbol.asyncDispose]: host.stop,
    };
  }

  return start(settings);
}

const skewClock = ({ now, startTimer }: Clock, skewMs: number): Clock => ({ now: () => now() + skewMs, startTimer });

/** Addresses of this machine other than the identity endpoint are real ones: a test names one where nothing listens. */
function findClient(url: string, storage: HttpClient, cloudClient: HttpClient): HttpClient {
  if (isStorageUrl(url)) return storage;
  const { hostname, pathname } = new URL(url);
  return hostname === '127.0.0.1' && pathname !== '/msi/token' ? nodePlatform.httpClient : cloudClient;
}

/** An app for the tests of one file, run one after the other: each begins without faults, and with an empty call log. */
export async function useApp(options: AppOptions = {}): Promise<InProcessTestApp> {
  const app = await startApp(options);
  resetBeforeEach(app.cloud, beforeEach);
  after(app.stop);
  return app;
}

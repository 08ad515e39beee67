import { existsSync } from 'node:fs';
import { after, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCall } from '../app/call.ts';
import { createTestCloud, resetBeforeEach, type Settings, type TestApp } from '../app/test-app.ts';
import { type Host, startHost } from '../host/host.ts';
import type { MovableTime } from '../host/movable-time.ts';
import type { Cloud } from '../sandbox/cloud.ts';
import { startSandbox } from '../sandbox/proxy.ts';
import { startAzurite } from '../storage/azurite.ts';

const appDirectory = fileURLToPath(new URL('../../dist', import.meta.url));

/** The built app in a process of its own, on the local host, in a sandbox cloud behind real sockets. */
export interface BuiltTestApp extends TestApp {
  readonly host: Host;
  startBeside(settings: Settings): Promise<BuiltTestApp>;
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

/** @throws when the app has not been built. */
export async function startApp({
  time,
  cloud = createTestCloud(time && { now: time.now }),
  settings = {},
  hasStorage = false,
}: AppOptions = {}): Promise<BuiltTestApp> {
  if (!existsSync(`${appDirectory}/app.js`)) {
    throw new Error(
      'The end-to-end tests run the built app, and dist/ does not contain one: run "npm run build" first.',
    );
  }
  const [sandbox, storage] = await Promise.all([startSandbox({ cloud }), hasStorage ? startAzurite(time) : undefined]);
  const environment = {
    ...sandbox.environment,
    ...time?.environment,
    AzureWebJobsStorage: storage?.connectionString ?? '',
  };

  async function start(ownSettings: Settings, release: () => Promise<void>): Promise<BuiltTestApp> {
    const host = await startHost({
      appDirectory,
      environment: { ...environment, ...ownSettings },
      ...(time && { clock: time.clock, nodeArguments: time.nodeArguments }),
    });
    const stop = async () => {
      await host.stop();
      await release();
    };
    return {
      cloud,
      host,
      call: createCall(host, (request) => fetch(request)),
      startBeside: (others) => start(others, async () => {}),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  }

  return start(settings, async () => {
    await sandbox.stop();
    await storage?.stop();
  });
}

/** An app for the tests of one file, run one after the other: each begins without faults, and with an empty call log. */
export async function useApp(options: AppOptions = {}): Promise<BuiltTestApp> {
  const app = await startApp(options);
  resetBeforeEach(app.cloud, beforeEach);
  after(app.stop);
  return app;
}

import { existsSync } from 'node:fs';
import { after, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Host, startHost } from '../host/host.ts';
import type { MovableTime } from '../host/movable-time.ts';
import { type Cloud, type CloudOptions, createCloud } from '../sandbox/cloud.ts';
import { startSandbox } from '../sandbox/proxy.ts';
import { startAzurite } from '../storage/azurite.ts';

const appDirectory = fileURLToPath(new URL('../../dist', import.meta.url));

/** The built app on the local host, living in a sandbox cloud of its own. */
export interface TestApp extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly host: Host;
  call: Call;
  /** The same build in a second host in the same cloud, with other settings; disposing of it leaves this one running. */
  startBeside(settings: Settings): Promise<TestApp>;
  stop(): Promise<void>;
}

type Settings = Readonly<Record<string, string>>;

/** Calls the API with the function key. The target is a path below `/api`, or an absolute URL such as a `nextLink`. */
export type Call = (request: `${string} ${string}`, options?: CallOptions) => Promise<Reply>;

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | ReadableStream;
  /** Whether the function key is sent along; it is unless told otherwise. */
  readonly withKey?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined when the text is no JSON. */
  readonly json: unknown;
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

/** A cloud without rate limits: tests that are about them switch them on. */
export function createTestCloud(options: CloudOptions = {}): Cloud {
  return createCloud({ ...options, behaviour: { limits: false, ...options.behaviour } });
}

/** @throws when the app has not been built. */
export async function startApp({
  time,
  cloud = createTestCloud(time && { now: time.now }),
  settings = {},
  hasStorage = false,
}: AppOptions = {}): Promise<TestApp> {
  if (!existsSync(`${appDirectory}/app.js`)) {
    throw new Error('The end-to-end tests run the built app, and there is none in dist/: run "npm run build" first.');
  }
  const [sandbox, storage] = await Promise.all([startSandbox({ cloud }), hasStorage ? startAzurite(time) : undefined]);
  const environment = {
    ...sandbox.environment,
    ...time?.environment,
    AzureWebJobsStorage: storage?.connectionString ?? '',
  };

  async function start(ownSettings: Settings, release: () => Promise<void>): Promise<TestApp> {
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
      call: (request, options) => callHost(host, request, options),
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
export async function useApp(options: AppOptions = {}): Promise<TestApp> {
  const app = await startApp(options);
  const { cloud } = app;
  const usualBehaviour = { ...cloud.behaviour };
  beforeEach(() => {
    cloud.faults.clear();
    cloud.calls.clear();
    Object.assign(cloud.behaviour, usualBehaviour);
  });
  after(app.stop);
  return app;
}

async function callHost(host: Host, request: string, options: CallOptions = {}): Promise<Reply> {
  const [method = '', target = ''] = request.split(/ (.*)/s);
  const { json, withKey = true } = options;
  const body = json === undefined ? options.body : JSON.stringify(json);
  const response = await fetch(target.startsWith('http') ? target : `${host.url}/api${target}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(withKey && { 'x-functions-key': host.keys.function }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(body !== undefined && { body }),
    ...(typeof body === 'object' && { duplex: 'half' }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseJson(text) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

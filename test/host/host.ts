import { createServer, type Server } from 'node:http';
import { type AccessKeys, createAccessKeys } from './access-keys.ts';
import { superviseApp } from './app-supervisor.ts';
import { type Clock, systemClock } from './clock.ts';
import { describeFunctions, type FunctionDescription } from './function-description.ts';
import { createHttpListener } from './http-listener.ts';
import { createTimerStatuses, type TimerStatuses } from './timer-status.ts';

export interface HostOptions {
  /** Where package.json (with `main`) and host.json of the app are. */
  readonly appDirectory: string;
  /** On 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** App settings, on top of this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Generated where not given. */
  readonly keys?: Partial<AccessKeys>;
  /** `false` admits every caller, as `func start` does. Default: `true`. */
  readonly checkKeys?: boolean;
  readonly log?: (line: string) => void;
  /** A line for every request. Default `false`. */
  readonly logRequests?: boolean;
  /** Continue when the app cannot be loaded: answer 503 and wait for `restart`. Default: `false`. */
  readonly keepWaiting?: boolean;
  /** Moves the timers. */
  readonly clock?: Clock;
  readonly timerStatuses?: TimerStatuses;
  /** Arguments for the Node of the app's process. */
  readonly nodeArguments?: readonly string[];
}

/** A running host. */
export interface Host {
  readonly url: string;
  readonly keys: AccessKeys;
  /** Functions of the running app in the order in which routes are matched; those in error come last. */
  readonly functions: readonly FunctionDescription[];
  /** The last 10,000 lines of the log. */
  readonly logs: readonly string[];
  /** Process id of the app. */
  readonly appPid: number | undefined;
  /** Runs a timer's or a queue's function now, as the admin API does, and waits for it. Throws if it fails. */
  runFunction(name: string, input?: string): Promise<void>;
  /** Resolves when no message can be seen in any queue of the app, and none is being worked on. */
  drainQueues(): Promise<void>;
  /** Restarts the app; requests wait until it is done. Throws an {@link AppUnavailableError}. */
  restart(): Promise<void>;
  /** Lets running requests finish for up to 10 s, runs the `appTerminate` hooks and ends. */
  stop(): Promise<void>;
}

/** The app could not be loaded or died too often; the log says why. */
export class AppUnavailableError extends Error {
  override readonly name = 'AppUnavailableError';
  override readonly message = 'The app cannot be loaded; the log says why.';
}

const MAX_LOG_LINES = 10_000;

/** Runs a built app. Throws an {@link AppUnavailableError}, or the system's error if the port is taken. */
export async function startHost(options: HostOptions): Promise<Host> {
  const logs: string[] = [];
  const log = (line: string) => {
    logs.push(line);
    if (logs.length > MAX_LOG_LINES) logs.shift();
    options.log?.(line);
  };
  const keys = createAccessKeys(options.keys);
  const server = createServer();
  const port = await listen(server, options.port ?? 0);
  const settings = {
    ...process.env,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    WEBSITE_HOSTNAME: `localhost:${port}`,
    ...options.environment,
  };
  const supervisor = superviseApp({
    appDirectory: options.appDirectory,
    environment: settings,
    nodeArguments: options.nodeArguments ?? [],
    statuses: options.timerStatuses ?? createTimerStatuses(),
    clock: options.clock ?? systemClock,
    log,
  });
  const { checkKeys = true, logRequests = false } = options;
  const currentApp = supervisor.current;
  server.on('request', createHttpListener({ currentApp, keys, checkKeys, settings, logRequests, log }));

  let app = await supervisor.current();
  if (!app && !options.keepWaiting) {
    await stop();
    throw new AppUnavailableError();
  }

  return {
    url: `http://127.0.0.1:${port}`,
    keys,
    logs,
    get functions() {
      return app ? describeFunctions(app) : [];
    },
    get appPid() {
      return supervisor.pid;
    },
    async drainQueues() {
      await (await supervisor.current())?.drainQueues();
    },
    async runFunction(name, input) {
      const running = await supervisor.current();
      const target = running?.index.functions.find((each) => each.name === name);
      if (!running || !target) throw new Error(`There is no function "${name}".`);
      const ending = await running.invoke(target, running.manualInput(target, input));
      if (!ending) throw new Error(`The app's process ended while ${name} ran.`);
      if (ending.result.error !== undefined) throw new Error(`${name} failed: ${ending.result.error}`);
    },
    async restart() {
      app = await supervisor.restart();
      if (!app) throw new AppUnavailableError();
    },
    stop,
  };

  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    await supervisor.stop();
    server.closeAllConnections();
    await closed;
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

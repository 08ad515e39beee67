import { messageOf } from '../../shared/errors.ts';
import { type AppProcess, AppProcessEndedError, startAppProcess } from './app-process.ts';
import type { Clock } from './clock.ts';
import { indexFunctions } from './function-index.ts';
import { readHostJson } from './host-json.ts';
import { formatLogLine } from './log-line.ts';
import type { LogLine } from './messages.ts';
import { createRunningApp, type RunningApp } from './running-app.ts';
import type { TimerStatuses } from './timer-status.ts';

export interface AppSupervisorOptions {
  readonly appDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly nodeArguments: readonly string[];
  readonly statuses: TimerStatuses;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** Keeps one process with the app in it alive. */
export interface AppSupervisor {
  /** The app, as soon as it is up; `undefined` if it cannot be loaded or died too often. */
  current(): Promise<RunningApp | undefined>;
  readonly pid: number | undefined;
  /** Restarts the app in a new process. Invocations of the old one may finish. */
  restart(): Promise<RunningApp | undefined>;
  stop(): Promise<void>;
}

const DEATHS_WINDOW_MS = 30 * 60_000;
const MAX_DEATHS = 3;

export function superviseApp(options: AppSupervisorOptions): AppSupervisor {
  const { appDirectory, environment, clock, log } = options;
  /** Counts launches and stops: what an earlier launch still has to say is of no interest. */
  let generation = 0;
  let deaths: number[] = [];
  let process: Promise<AppProcess>;
  let pid: number | undefined;
  let stopTriggers = () => {};
  let app = launch();

  return {
    current: () => app,
    get pid() {
      return pid;
    },
    async restart() {
      const formerStopped = stop();
      deaths = [];
      app = launch();
      await formerStopped;
      return app;
    },
    stop,
  };

  async function stop(): Promise<void> {
    generation++;
    stopTriggers();
    const former = await process;
    await former.stop();
  }

  /** Starts processes until one is up, cannot load the app, or too many have died. */
  async function launch(): Promise<RunningApp | undefined> {
    const own = ++generation;
    for (;;) {
      process = startAppProcess({ ...options, onLog: logApp, onOutput: log });
      try {
        return await bringUp(await process, own);
      } catch (error) {
        if (own !== generation) return undefined;
        if (!(error instanceof AppProcessEndedError)) {
          log(`The app did not load: ${messageOf(error)}`);
          return undefined;
        }
        if (!mayStartAgain(await (await process).exited)) return undefined;
      }
    }
  }

  async function bringUp(appProcess: AppProcess, own: number): Promise<RunningApp> {
    pid = appProcess.pid;
    const { functions, httpUri } = await appProcess.started;
    if (own !== generation) throw new AppProcessEndedError('Dismissed while it started.');
    const hostJson = readHostJson(appDirectory);
    const context = { routePrefix: hostJson.routePrefix, settings: environment, now: clock.now() };
    const index = indexFunctions(functions, context);
    for (const { name, reason } of index.inError) log(`[${name}] is left out: ${reason}`);
    for (const warning of index.warnings) log(`Warning: ${warning}`);
    if (functions.length === 0)
      log('No functions found: does "main" of package.json name the file that registers them?');
    const running = createRunningApp({ ...options, process: appProcess, index, hostJson, httpUri });
    stopTriggers = running.stopTriggers;
    void appProcess.exited.then((code) => {
      running.stopTriggers();
      if (own !== generation) return;
      app = mayStartAgain(code) ? launch() : Promise.resolve(undefined);
    });
    return running;
  }

  function mayStartAgain(code: number | string): boolean {
    const now = clock.now();
    deaths = [...deaths.filter((at) => now - at < DEATHS_WINDOW_MS), now];
    if (deaths.length < MAX_DEATHS) {
      log(`The app's process ended (${code}) and is started again.`);
      return true;
    }
    log(`The app's process ended (${code}), for the ${MAX_DEATHS}rd time within 30 minutes: the host gives up.`);
    return false;
  }

  function logApp(line: LogLine, isLate: boolean): void {
    const text = formatLogLine(line, isLate);
    if (text !== undefined) log(text);
  }
}

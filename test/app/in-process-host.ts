import { createAccessKeys, keyOf, levelOf } from '../host/access-keys.ts';
import type { Clock } from '../host/clock.ts';
import { describeFunctions } from '../host/function-description.ts';
import { indexFunctions } from '../host/function-index.ts';
import { readHostJson } from '../host/host-json.ts';
import { type HostReply, type ReceivedRequest, toReceivedRequest } from '../host/http-message.ts';
import { formatLogLine } from '../host/log-line.ts';
import type { LogLine } from '../host/messages.ts';
import type { QueueSource } from '../host/queue-source.ts';
import { invokeRoute, routeRequest } from '../host/route-request.ts';
import { createRunningApp } from '../host/running-app.ts';
import { createTimerStatuses } from '../host/timer-status.ts';
import type { InProcessApp } from './in-process-app.ts';
import type { TestHost } from './test-app.ts';

export interface InProcessHost extends TestHost {
  /** A test may empty it. */
  readonly logs: string[];
  /** Answers a request as the host does, without a socket. */
  fetch(request: Request, isChunked?: boolean): Promise<Response>;
  /** The process of the app dies with its invocations, and the host starts another one. */
  kill(): void;
  /** The whole instance dies: its messages stay hidden until their visibility timeout. Another instance takes its place. */
  die(): void;
}

interface InProcessHostOptions {
  /** Loads the app, as a starting instance does. */
  load(onLog: (line: LogLine, isLate: boolean) => void): InProcessApp;
  settings: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  openQueue(connectionString: string, name: string): QueueSource;
}

const root = new URL('../..', import.meta.url).pathname;
const url = 'http://127.0.0.1:7071';

/** The local host around an app in this process: the same index, routes, keys, timers and queue listeners, without processes and sockets. */
export function startInProcessHost({ load, settings, clock, openQueue }: InProcessHostOptions): InProcessHost {
  const logs: string[] = [];
  const keys = createAccessKeys();
  const hostJson = readHostJson(root);
  let app = start();

  function start() {
    const process = load((line, isLate) => {
      const text = formatLogLine(line, isLate);
      if (text !== undefined) logs.push(text);
    });
    const context = { routePrefix: hostJson.routePrefix, settings, now: clock.now() };
    const index = indexFunctions(process.functions, context);
    const statuses = createTimerStatuses();
    const log = (line: string) => void logs.push(line);
    const life = new AbortController();
    const running = createRunningApp({
      process,
      index,
      hostJson,
      httpUri: undefined,
      statuses,
      clock,
      log,
      openQueue: (...queue) => untilDeath(openQueue(...queue), life.signal),
    });
    return { ...running, kill: process.kill, die: () => life.abort() };
  }

  async function answer(received: ReceivedRequest, body: Buffer): Promise<HostReply> {
    const route = routeRequest(app, received, levelOf(keyOf(received.headers, received.query), keys));
    const reply = typeof route === 'number' ? route : await invokeRoute(app, route, received, body);
    return typeof reply === 'number'
      ? { status: reply, headers: hostJson.customHeaders, body: Buffer.alloc(0) }
      : reply;
  }

  return {
    url,
    keys,
    logs,
    get functions() {
      return describeFunctions(app);
    },
    async fetch(request, isChunked = false) {
      const body = Buffer.from(await request.arrayBuffer());
      const { status, headers, body: reply } = await answer(toReceived(request), isChunked ? Buffer.alloc(0) : body);
      const pairs = Object.entries(headers).flatMap(([name, value]) =>
        [value].flat().map((each): [string, string] => [name, each]),
      );
      return new Response(reply.length > 0 ? new Uint8Array(reply) : null, { status, headers: pairs });
    },
    drainQueues: () => app.drainQueues(),
    async runFunction(name, input) {
      const running = app;
      const target = running.index.functions.find((each) => each.name === name);
      if (!target) throw new Error(`There is no function "${name}".`);
      const ending = await running.invoke(target, running.manualInput(target, input));
      if (!ending) throw new Error(`The instance died while ${name} ran.`);
      if (ending.result.error !== undefined) throw new Error(`${name} failed: ${ending.result.error}`);
    },
    async restart() {
      kill();
      app = start();
    },
    kill() {
      kill();
      app = start();
    },
    die() {
      app.die();
      kill();
      app = start();
    },
    async stop() {
      kill();
    },
  };

  function kill(): void {
    app.stopTriggers();
    app.kill();
  }
}

/** The queue as an instance sees it: once the instance is dead, it neither receives nor settles messages. */
function untilDeath(source: QueueSource, life: AbortSignal): QueueSource {
  const alive = <T>(action: () => Promise<T>): Promise<T> =>
    life.aborted ? Promise.reject(new Error('The instance is dead.')) : action();
  return {
    name: source.name,
    receive: (...batch) => alive(() => source.receive(...batch)),
    delete: (message) => alive(() => source.delete(message)),
    hide: (...message) => alive(() => source.hide(...message)),
    moveToPoison: (message) => alive(() => source.moveToPoison(message)),
  };
}

function toReceived(request: Request): ReceivedRequest {
  const { host, pathname, search } = new URL(request.url);
  const headers = { host, accept: '*/*', ...Object.fromEntries(request.headers) };
  const rawHeaders = Object.entries(headers).flat();
  return toReceivedRequest({ method: request.method, url: `${pathname}${search}`, rawHeaders }, host);
}

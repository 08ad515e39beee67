import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { openChannel } from './channel.ts';
import { openLoopbackPair } from './loopback-pair.ts';
import type { HostMessage, Invocation, InvocationResult, LogLine, StartedApp, WorkerMessage } from './messages.ts';

export interface AppProcessOptions {
  readonly appDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Arguments for Node itself, before the script. */
  readonly nodeArguments: readonly string[];
  /** A line that the app logged, `isLate` if the invocation of that id has ended. */
  onLog(line: LogLine, isLate: boolean): void;
  /** A line that the app's process printed. */
  onOutput(line: string): void;
}

export interface Outcome {
  readonly result: InvocationResult;
  readonly body: Buffer;
}

/** The app could not be loaded; the message is the stack of its error. */
export class AppLoadError extends Error {
  override readonly name = 'AppLoadError';
}

/** The process ended before it had answered. */
export class AppProcessEndedError extends Error {
  override readonly name = 'AppProcessEndedError';
}

/** One process with the app in it. */
export interface AppProcess {
  readonly pid: number | undefined;
  /** Rejects with an {@link AppLoadError} or an {@link AppProcessEndedError}. */
  readonly started: Promise<StartedApp>;
  /** The exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** Resolves with the outcome, a failed run included; rejects with an {@link AppProcessEndedError}. */
  invoke(invocation: Invocation, body: Buffer): Promise<Outcome>;
  /** Shuts down: invocations may finish, then the `appTerminate` hooks run. Kills a process that takes too long. */
  stop(): Promise<void>;
  kill(): void;
}

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const DRAIN_MS = 10_000;
const GRACE_MS = 5_000;

/** Starts a process that loads the app at once; the channel to it is its fourth descriptor. */
export async function startAppProcess(options: AppProcessOptions): Promise<AppProcess> {
  const [socket, inherited] = await openLoopbackPair();
  const child = spawn(process.execPath, [...options.nodeArguments, WORKER], {
    cwd: options.appDirectory,
    env: { ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe', inherited],
  });
  // A write to a process that just died: its exit tells the rest.
  for (const end of [socket, inherited]) end.on('error', () => {});
  inherited.destroy();
  readLines(child.stdout, options.onOutput);
  readLines(child.stderr, options.onOutput);

  let endedError: AppProcessEndedError | undefined;
  const running = new Map<string, PromiseWithResolvers<Outcome>>();
  const { promise: started, resolve: resolveStarted, reject: rejectStarted } = Promise.withResolvers<StartedApp>();
  started.catch(() => {});
  const channel = openChannel<HostMessage, WorkerMessage>(socket, receive);
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 1));
  });
  // Not `once`, which fails when the socket does: of a process that is killed in mid-sentence the connection may be reset.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const exited = Promise.all([ended, closed]).then(([code]) => code);
  void exited.then((code) => {
    endedError = new AppProcessEndedError(`The app's process ended (${code}).`);
    rejectStarted(endedError);
    for (const { reject } of running.values()) reject(endedError);
    running.clear();
  });

  return {
    pid: child.pid,
    started,
    exited,
    kill: () => child.kill('SIGKILL'),

    invoke(invocation, body) {
      if (endedError) return Promise.reject(endedError);
      const run = Promise.withResolvers<Outcome>();
      running.set(invocation.invocationId, run);
      channel.send({ kind: 'invoke', invocation }, body);
      return run.promise;
    },

    async stop() {
      const runs = [...running.values()].map(({ promise }) => promise);
      await withLimit(Promise.allSettled(runs), DRAIN_MS);
      channel.send({ kind: 'terminate' });
      await withLimit(exited, GRACE_MS);
      child.kill('SIGKILL');
      await exited;
    },
  };

  function receive(message: WorkerMessage, body: Buffer): void {
    switch (message.kind) {
      case 'started':
        resolveStarted(message.app);
        break;
      case 'failedToStart':
        rejectStarted(new AppLoadError(message.error));
        break;
      case 'log': {
        const { invocationId } = message.line;
        options.onLog(message.line, invocationId !== undefined && !running.has(invocationId));
        break;
      }
      case 'result':
        running.get(message.invocationId)?.resolve({ result: message.result, body });
        running.delete(message.invocationId);
    }
  }
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream?.on('end', () => rest && onLine(rest));
}

async function withLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const timeout = setTimeout(limit.resolve, limitMs);
  await Promise.race([work, limit.promise]);
  clearTimeout(timeout);
}

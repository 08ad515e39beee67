import { randomUUID } from 'node:crypto';
import { messageOf } from '../../shared/errors.ts';
import type { AppProcess, Outcome } from './app-process.ts';
import type { Clock } from './clock.ts';
import type { FunctionIndex } from './function-index.ts';
import type { HostFunction, QueueFunction } from './host-function.ts';
import type { HostJson } from './host-json.ts';
import type { Invocation, TriggerInput } from './messages.ts';
import { createQueueListener, type QueueListener } from './queue-listener.ts';
import { createQueueSource, type QueueMessage, type QueueSource } from './queue-source.ts';
import { createTimer, type Timer } from './timer.ts';
import type { TimerStatuses } from './timer-status.ts';

/** A run that ended without an answer: the process died or the run took too long. */
export type Ending = Outcome | undefined;

/** An app that is up: its functions, and a way to run them. */
export interface RunningApp {
  readonly index: FunctionIndex;
  readonly hostJson: HostJson;
  readonly httpUri: string | undefined;
  /** Never rejects. A failure has been logged when this resolves. */
  invoke(target: HostFunction, input: TriggerInput, body?: Buffer, details?: InvocationDetails): Promise<Ending>;
  /** What a run by hand gets as its input, which only a queue's function takes from the caller; throws for an HTTP function. */
  manualInput(target: HostFunction, input?: string): TriggerInput;
  /** Stops receiving messages and starting timers. */
  stopTriggers(): void;
  /** Works on queues until no message can be seen in any, and none is being worked on. */
  drainQueues(): Promise<void>;
}

export interface InvocationDetails {
  readonly invocationId?: string;
  readonly triggerMetadata?: Invocation['triggerMetadata'];
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
}

export interface RunningAppOptions {
  readonly process: Pick<AppProcess, 'invoke' | 'kill'>;
  readonly index: FunctionIndex;
  readonly hostJson: HostJson;
  readonly httpUri: string | undefined;
  readonly statuses: TimerStatuses;
  readonly clock: Clock;
  /** Default: Azure Storage, or its emulator. Throws for an invalid connection string. */
  readonly openQueue?: (connectionString: string, name: string) => QueueSource;
  readonly log: (line: string) => void;
}

/** Starts the timers and the listeners of an app that has been loaded. */
export function createRunningApp(options: RunningAppOptions): RunningApp {
  const { index, hostJson, log } = options;
  const silent = new Set<string>();
  const timers = new Map<string, Timer>();
  const listeners: QueueListener[] = [];
  const app: RunningApp = { index, hostJson, httpUri: options.httpUri, invoke, manualInput, stopTriggers, drainQueues };
  for (const each of index.functions) {
    if (each.type !== 'timer') continue;
    const run = async (json: string) => void (await invoke(each, { json }));
    const timer = createTimer({ ...options, ...each, functionName: each.name, run });
    timers.set(each.name, timer);
    if (!each.isDisabled) timer.start();
  }
  for (const each of index.functions) if (each.type === 'queue' && !each.isDisabled) listenTo(each);
  return app;

  function listenTo(each: QueueFunction): void {
    const source = openQueue(each);
    if (!source) return;
    const settings = hostJson.queues;
    const listener = createQueueListener({ source, settings, clock: options.clock, log, run });
    listeners.push(listener);
    listener.start();

    async function run({ text, metadata }: QueueMessage): Promise<boolean> {
      const triggerMetadata = Object.fromEntries(
        Object.entries(metadata).map(([name, value]) => [name, { json: JSON.stringify(value) }]),
      );
      const ending = await invoke(each, { string: text }, undefined, { triggerMetadata });
      return ending !== undefined && ending.result.error === undefined;
    }
  }

  /** The real host, too, runs on without a listener that cannot start. */
  function openQueue({ name, connectionString, queueName }: QueueFunction): QueueSource | undefined {
    try {
      return (options.openQueue ?? createQueueSource)(connectionString, queueName);
    } catch (error) {
      log(`[${name}] The listener cannot start: ${messageOf(error)}`);
      return undefined;
    }
  }

  async function drainQueues(): Promise<void> {
    for (let taken = -1; taken !== 0; ) {
      const counts = await Promise.all(listeners.map((listener) => listener.drain()));
      taken = counts.reduce((sum, count) => sum + count, 0);
    }
  }

  async function invoke(
    target: HostFunction,
    input: TriggerInput,
    body: Buffer = Buffer.alloc(0),
    details: InvocationDetails = {},
  ): Promise<Ending> {
    const invocation: Invocation = {
      invocationId: details.invocationId ?? randomUUID(),
      functionName: target.name,
      bindingName: target.bindingName,
      input,
      ...(details.triggerMetadata && { triggerMetadata: details.triggerMetadata }),
      traceParent: toTraceParent(details.traceParent),
      ...(details.traceState && { traceState: details.traceState }),
    };
    const stopWatching = killWhenOverdue(target.name);
    try {
      const outcome = await options.process.invoke(invocation, body);
      report(target, outcome);
      return outcome;
    } catch (error) {
      log(`[${target.name}] failed: ${messageOf(error)}`);
      return undefined;
    } finally {
      stopWatching();
    }
  }

  function report(target: HostFunction, { result }: Outcome): void {
    if (result.error !== undefined) {
      const waiting = target.type === 'http' && options.httpUri !== undefined;
      log(
        `[${target.name}] failed${waiting ? ', and the caller waits: streaming has no answer for that' : ''}: ${result.error}`,
      );
    } else if (target.type === 'http' && !result.http && options.httpUri === undefined && !silent.has(target.name)) {
      silent.add(target.name);
      log(`[${target.name}] returned nothing: the caller gets 204.`);
    }
  }

  /** The real host, too, ends the whole process of a run that exceeds functionTimeout. */
  function killWhenOverdue(name: string): () => void {
    const { functionTimeoutMs } = hostJson;
    if (!Number.isFinite(functionTimeoutMs)) return () => {};
    const timeout = setTimeout(() => {
      log(`[${name}] exceeded the functionTimeout of ${functionTimeoutMs / 1_000} s: the app's process is restarted.`);
      options.process.kill();
    }, functionTimeoutMs);
    return () => clearTimeout(timeout);
  }

  function manualInput({ name, type }: HostFunction, input = ''): TriggerInput {
    if (type === 'queue') return { string: input };
    const timer = timers.get(name);
    if (!timer) throw new Error(`${name} is an HTTP function: call its route.`);
    return { json: timer.describe() };
  }

  function stopTriggers(): void {
    for (const trigger of [...timers.values(), ...listeners]) trigger.stop();
  }
}

/** A child of the caller's trace, or a new one. */
function toTraceParent(received: string | undefined): string {
  const traceId = /^00-([0-9a-f]{32})-/.exec(received ?? '')?.[1] ?? randomUUID().replaceAll('-', '');
  return `00-${traceId}-${randomUUID().replaceAll('-', '').slice(0, 16)}-01`;
}

import { messageOf } from '../../shared/errors.ts';
import type { Clock } from './clock.ts';
import type { QueueMessage, QueueSource } from './queue-source.ts';

/** `extensions.queues` of host.json. */
export interface QueueSettings {
  readonly batchSize: number;
  /** A new batch is fetched when at most this many messages are being processed. */
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  /** How long a message that failed is hidden. */
  readonly visibilityTimeoutMs: number;
  readonly maxPollingIntervalMs: number;
}

export interface QueueListenerOptions {
  readonly source: QueueSource;
  readonly settings: QueueSettings;
  readonly clock: Clock;
  /** Runs the function; tells whether it succeeded. Must not reject. */
  run(message: QueueMessage): Promise<boolean>;
  log(line: string): void;
}

export interface QueueListener {
  start(): void;
  /** Stops receiving messages; running invocations continue. */
  stop(): void;
  /** Resolves when no message is visible or being processed, with the number of messages processed until then. */
  drain(): Promise<number>;
}

/** Every message that is worked on is hidden for this long, again and again. */
const invisibleMs = 10 * 60_000;
const shortestPollingMs = 100;

/** Works on the messages of one queue as the platform does: in batches, each message until it succeeds or has failed too often. */
export function createQueueListener({ source, settings, clock, run, log }: QueueListenerOptions): QueueListener {
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let waking = new AbortController();
  let taken = 0;
  let polls = Promise.resolve();

  return {
    start() {
      void keepPolling();
    },
    stop() {
      stopping.abort();
      waking.abort();
    },
    async drain() {
      const before = taken - running.size;
      for (let found = -1; found !== 0 || running.size > 0; ) {
        await Promise.all(running);
        found = await pollInTurn();
      }
      return taken - before;
    },
  };

  async function keepPolling(): Promise<void> {
    let pauseMs = shortestPollingMs;
    while (!stopping.signal.aborted) {
      const found = await pollInTurn();
      pauseMs = found > 0 ? shortestPollingMs : Math.min(pauseMs * 2, settings.maxPollingIntervalMs);
      if (running.size > settings.newBatchThreshold) await Promise.race(running);
      else if (found === 0) await pause(pauseMs);
    }
  }

  async function pause(pauseMs: number): Promise<void> {
    waking = new AbortController();
    if (!stopping.signal.aborted) await clock.sleepUntil(clock.now() + pauseMs, waking.signal);
  }

  /** One fetch at a time, or two would take more than a batch. */
  function pollInTurn(): Promise<number> {
    const polled = polls.then(poll);
    polls = polled.then(() => {});
    return polled;
  }

  async function poll(): Promise<number> {
    if (stopping.signal.aborted || running.size > settings.newBatchThreshold) return 0;
    try {
      const messages = await source.receive(settings.batchSize, invisibleMs);
      taken += messages.length;
      for (const message of messages) {
        const work = workOn(message).finally(() => running.delete(work));
        running.add(work);
      }
      return messages.length;
    } catch (error) {
      log(`The queue ${source.name} cannot be read: ${messageOf(error)}`);
      return 0;
    }
  }

  async function workOn(message: QueueMessage): Promise<void> {
    const renewing = new AbortController();
    void keepHidden(message, renewing.signal);
    try {
      const isDone = await run(message);
      renewing.abort();
      if (isDone) await source.delete(message);
      else if (message.dequeueCount < settings.maxDequeueCount)
        await source.hide(message, settings.visibilityTimeoutMs);
      else {
        await source.moveToPoison(message);
        log(`A message of ${source.name} failed ${message.dequeueCount} times and is in ${source.name}-poison now.`);
      }
    } catch (error) {
      log(`A message of ${source.name} comes again: ${messageOf(error)}`);
    } finally {
      renewing.abort();
    }
  }

  async function keepHidden(message: QueueMessage, signal: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleepUntil(clock.now() + invisibleMs / 2, signal);
      if (signal.aborted) return;
      await source.hide(message, invisibleMs).catch(() => {});
    }
  }
}

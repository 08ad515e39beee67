import type { MessageReceipt, Queue } from '../../../shared/storage/queues.ts';
import type { FakeClock } from '../fake-clock.ts';
import { createFaults, type Faulty } from '../storage/faults.ts';

interface QueuedMessage {
  id: string;
  popReceipt: string;
  text: string;
  visibleAt: number;
  dequeueCount: number;
}

/** `extensions.queues` of host.json, and how long a message that is processed is hidden. */
const batchSize = 16;
const newBatchThreshold = 8;
const maxDequeueCount = 5;
const retryAfterMs = 30_000;
const hiddenForMs = 10 * 60_000;
const pollMs = 100;

interface Instance {
  run(message: unknown): Promise<void>;
  running: number;
  isAlive: boolean;
  cancelPoll(): void;
}

interface QueueHost {
  readonly queue: Queue & Faulty<keyof Queue>;
  /** Messages sent so far, messages given up, and the highest number of messages in the queue at once. */
  readonly figures: { sent: number; poisoned: number; maxLength: number };
  length(): number;
  /** Loses the messages in the queue. */
  clear(): void;
  /** Starts an instance of the app. Returns how to kill it: what it processes becomes visible again after ten minutes. */
  startInstance(run: (message: unknown) => Promise<void>): () => void;
}

/** A queue in memory, processed by instances as the Functions host does it. */
export function createQueueHost(clock: FakeClock): QueueHost {
  const messages: QueuedMessage[] = [];
  const instances: Instance[] = [];
  const figures = { sent: 0, poisoned: 0, maxLength: 0 };
  const { run, injectFault, setDown } = createFaults<keyof Queue>();
  let ids = 0;

  const find = ({ messageId, popReceipt }: MessageReceipt) =>
    messages.find((each) => each.id === messageId && each.popReceipt === popReceipt);

  function discard(message: QueuedMessage): void {
    messages.splice(messages.indexOf(message), 1);
  }

  function hide(message: QueuedMessage, ms: number): MessageReceipt {
    message.visibleAt = clock.now() + ms;
    message.popReceipt = String(++ids);
    for (const instance of instances) schedulePoll(instance);
    return { messageId: message.id, popReceipt: message.popReceipt };
  }

  function schedulePoll(instance: Instance): void {
    instance.cancelPoll();
    if (!instance.isAlive || instance.running > newBatchThreshold || messages.length === 0) return;
    const nextAt = Math.min(...messages.map(({ visibleAt }) => visibleAt));
    instance.cancelPoll = clock.startTimer(() => poll(instance), Math.max(pollMs, nextAt - clock.now()));
  }

  function poll(instance: Instance): void {
    const visible = messages.filter(({ visibleAt }) => visibleAt <= clock.now()).slice(0, batchSize);
    for (const message of visible) void process(instance, message);
    schedulePoll(instance);
  }

  async function process(instance: Instance, message: QueuedMessage): Promise<void> {
    instance.running++;
    message.dequeueCount++;
    const { popReceipt } = hide(message, hiddenForMs);
    const isDone = await instance.run(JSON.parse(message.text)).then(
      () => true,
      () => false,
    );
    instance.running--;
    if (instance.isAlive && message.popReceipt === popReceipt) end(message, isDone);
    schedulePoll(instance);
  }

  function end(message: QueuedMessage, isDone: boolean): void {
    if (!isDone && message.dequeueCount < maxDequeueCount) hide(message, retryAfterMs);
    else discard(message);
    if (!isDone && message.dequeueCount >= maxDequeueCount) figures.poisoned++;
  }

  function send(text: string, visibleAfterMs: number): MessageReceipt {
    const added = { id: String(++ids), popReceipt: '', text, visibleAt: 0, dequeueCount: 0 };
    messages.push(added);
    figures.sent++;
    figures.maxLength = Math.max(figures.maxLength, messages.length);
    return hide(added, visibleAfterMs);
  }

  return {
    figures,
    length: () => messages.length,
    clear: () => messages.splice(0),
    startInstance(runMessage) {
      const instance: Instance = { run: runMessage, running: 0, isAlive: true, cancelPoll: () => {} };
      instances.push(instance);
      schedulePoll(instance);
      return () => {
        instance.isAlive = false;
        instance.cancelPoll();
      };
    },
    queue: {
      injectFault,
      setDown,
      send: (message, visibleAfterMs = 0) =>
        run('send', [JSON.stringify(message)], () => send(JSON.stringify(message), visibleAfterMs)),
      reschedule: (receipt, visibleAfterMs) =>
        run('reschedule', [receipt.messageId], () => {
          const message = find(receipt);
          return message && hide(message, visibleAfterMs);
        }),
      remove: (receipt) =>
        run('remove', [receipt.messageId], () => {
          const message = find(receipt);
          if (message !== undefined) discard(message);
        }),
    },
  };
}

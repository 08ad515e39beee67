import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** When a timer ran and when it is due; instants in epoch ms. */
export interface TimerStatus {
  /** `undefined` before the first run. */
  readonly lastAt?: number;
  readonly nextAt: number;
  readonly updatedAt: number;
}

/** Remembers the status of each timer, as the blob `timers/{host}/{function}/status` does on Azure. */
export interface TimerStatuses {
  read(functionName: string): Promise<TimerStatus | undefined>;
  write(functionName: string, status: TimerStatus): Promise<void>;
}

/** Statuses that last as long as the host; the host's restarts of the app do not touch them. */
export function createTimerStatuses(): TimerStatuses {
  const statuses = new Map<string, TimerStatus>();
  return {
    read: async (functionName) => statuses.get(functionName),
    write: async (functionName, status) => void statuses.set(functionName, status),
  };
}

/** Statuses in a JSON file, so that a run missed while the host was down is found at the next start. */
export function openTimerStatuses(file: string): TimerStatuses {
  let queue: Promise<unknown> = Promise.resolve();
  return {
    read: async (functionName) => (await readAll())[functionName],
    write(functionName, status) {
      const written = queue.then(async () => {
        const statuses = { ...(await readAll()), [functionName]: status };
        await mkdir(dirname(file), { recursive: true });
        await writeFile(`${file}.new`, JSON.stringify(statuses, null, 2));
        await rename(`${file}.new`, file);
      });
      queue = written.catch(() => {});
      return written;
    },
  };

  async function readAll(): Promise<Record<string, TimerStatus>> {
    try {
      return JSON.parse(await readFile(file, 'utf8'));
    } catch {
      // None yet, or damaged: a host that knows nothing starts afresh.
      return {};
    }
  }
}

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from './clock.ts';
import { toStartOffset } from './start-offset.ts';

/** A time that continues like the machine's and that a test moves forward, for this process and for others at once. */
export interface MovableTime {
  readonly now: () => number;
  /** For the host, whose timers and queues it moves. */
  readonly clock: Clock;
  /** Options of a process whose clock is this time. */
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  advance(ms: number): void;
  /** Removes what it keeps on disk. */
  close(): void;
}

const preload = fileURLToPath(new URL('moved-date.ts', import.meta.url));

export function createMovableTime(): MovableTime {
  const directory = mkdtempSync(join(tmpdir(), 'movable-time-'));
  const path = join(directory, 'offset');
  const file = openSync(path, 'w');
  let offsetMs = toStartOffset(systemClock.now());
  let moved = Promise.withResolvers<void>();
  write();

  function write(): void {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(offsetMs);
    writeSync(file, bytes, 0, 8, 0);
  }

  const now = () => systemClock.now() + offsetMs;

  async function sleepUntil(at: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && now() < at) {
      const waking = new AbortController();
      const wake = () => waking.abort();
      signal.addEventListener('abort', wake, { once: true });
      await Promise.race([systemClock.sleepUntil(at - offsetMs, waking.signal), moved.promise]);
      signal.removeEventListener('abort', wake);
      wake();
    }
  }

  return {
    now,
    clock: { now, sleepUntil },
    nodeArguments: ['--import', preload],
    environment: { MOVED_DATE_FILE: path },
    advance(ms) {
      offsetMs += ms;
      write();
      moved.resolve();
      moved = Promise.withResolvers();
    },
    close() {
      closeSync(file);
      rmSync(directory, { recursive: true });
    },
  };
}

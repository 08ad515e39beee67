import type { WindowPage } from '../defender/incident-window.ts';
import type { UpstreamError } from '../errors.ts';
import type { PendingWindow } from './pending-window.ts';

/** One run of a feed. Instants are epoch milliseconds. */
export interface ReaderState {
  pendingWindows: readonly PendingWindow[];
  startedAt: number;
  maxCalls: number;
  /** Calls made in this run. */
  calls: number;
  /** Whether the service has answered in this run: a failure is then the window's. */
  isServiceUp: boolean;
  /** Windows quarantined in this run. */
  quarantined: readonly PendingWindow[];
  task: Task | undefined;
}

/** What the last call was made for. */
export type Task =
  /** Reads the next page of a window. */
  | { kind: 'read'; pending: PendingWindow }
  /** Requests what follows a short page that links to another one. */
  | { kind: 'confirmEnd'; pending: PendingWindow; page: WindowPage; hasNew: boolean }
  /** Tells a service that is down from a window that cannot be read. */
  | { kind: 'probe'; pending: PendingWindow; cause: UpstreamError }
  /** Reads the incidents of a window one by one: one of them makes the service fail. */
  | { kind: 'readSingly'; pending: PendingWindow; skip: number };

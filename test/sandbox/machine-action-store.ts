import { randomUUID } from 'node:crypto';
import type { Machine } from './data/machines.ts';
import { toWireInstant } from './data/wire-instant.ts';

type ActionStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'TimeOut' | 'Cancelled';

/** A response action on a machine. */
export interface StoredAction {
  readonly id: string;
  readonly type: string;
  readonly scope: string | null;
  readonly requestor: string;
  readonly requestorComment: string;
  readonly machine: Machine;
  readonly sha1: string | undefined;
  readonly createdAt: number;
  /** How it ends; until then time alone tells. */
  end: { readonly status: ActionStatus; readonly at: number };
}

export type NewAction = Pick<StoredAction, 'type' | 'scope' | 'requestor' | 'requestorComment' | 'machine' | 'sha1'>;

const pendingMs = 5_000;
const runningMs = 15_000;

export type MachineActionStore = ReturnType<typeof createMachineActionStore>;

/** The machine actions of one tenant. Each is pending for 5 seconds, in progress for 10, and succeeds. */
export function createMachineActionStore(now: () => number) {
  const actions = new Map<string, StoredAction>();

  const statusOf = ({ createdAt, end }: StoredAction): ActionStatus => {
    if (now() >= end.at) return end.status;
    return now() >= createdAt + pendingMs ? 'InProgress' : 'Pending';
  };
  const isRunning = (action: StoredAction) => ['Pending', 'InProgress'].includes(statusOf(action));

  return {
    all: (): readonly StoredAction[] => [...actions.values()],
    get: (id: string): StoredAction | undefined => actions.get(id.toLowerCase()),
    statusOf,
    isRunning: (machineId: string, type: string): boolean =>
      [...actions.values()].some((each) => each.machine.id === machineId && each.type === type && isRunning(each)),
    add(action: NewAction): StoredAction {
      const createdAt = now();
      const end = { status: 'Succeeded', at: createdAt + runningMs } as const;
      const stored: StoredAction = { id: randomUUID(), createdAt, end, ...action };
      actions.set(stored.id, stored);
      return stored;
    },
    /** It ends now, and like this. */
    finish(id: string, status: 'Succeeded' | 'Failed' | 'TimeOut' | 'Cancelled'): void {
      const action = actions.get(id);
      if (!action) throw new Error(`There is no machine action ${id}`);
      action.end = { status, at: now() };
    },
  };
}

/** As the service writes it; its samples call the instant of the last update by two names. */
export function toWireAction(
  action: StoredAction,
  status: string,
  now: number,
  lastUpdateName: 'lastUpdateTimeUtc' | 'lastUpdateDateTimeUtc',
) {
  const { machine, sha1, createdAt, end, ...members } = action;
  return {
    ...members,
    requestSource: 'PublicApi',
    status,
    machineId: machine.id,
    computerDnsName: machine.computerDnsName,
    creationDateTimeUtc: toWireInstant(createdAt, 7),
    [lastUpdateName]: toWireInstant(Math.min(now, end.at), 7),
    externalId: null,
    commands: [],
    title: null,
    relatedFileInfo: sha1 === undefined ? null : { fileIdentifier: sha1, fileIdentifierType: 'Sha1' },
  };
}

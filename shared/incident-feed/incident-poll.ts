import type { Clock } from '../clock.ts';
import { parseTicks, toTicks } from '../defender/ticks.ts';
import type { Log } from '../log.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import type { StoredEntity, Table } from '../storage/tables.ts';
import { type EventFilter, toIncidentEventType } from '../webhooks/subscription.ts';
import { maxClockSkewMs, retentionMs } from './begin-run.ts';
import { checkpointKey, recoverState } from './feed-lease.ts';
import { parseState } from './feed-state.ts';
import { createIncidentBodies, type IncidentBodies } from './incident-bodies.ts';
import type { Listeners } from './listeners.ts';
import { type LoggedVersion, logRange, parseLogRow, readSequence } from './log-entry.ts';
import type { PollState } from './poll-state.ts';

interface PollParts {
  table: Table;
  blobs: BlobContainer;
  listeners: Listeners;
  clock: Clock;
}

interface PollRequest {
  tenantId: string;
  filter: EventFilter;
  /** Absent for the first poll. */
  state?: PollState | undefined;
}

interface PollResult {
  /** In the order of recording, each as JSON. */
  incidents: string[];
  state: PollState;
  hasMore: boolean;
}

/** Answers polls from the logs of the feeds. */
export interface IncidentPolls {
  /** Without a state, or with one that is too old, the poll starts now. */
  poll(request: PollRequest, log: Log): Promise<PollResult>;
}

const maxIncidents = 1_000;
/** A Logic App takes 100 MB, and a character may be three bytes. */
const maxCharacters = 30_000_000;
const rowsPerCall = 100;
const maxRows = 5_000;

export function createIncidentPolls({ table, blobs, listeners, clock }: PollParts): IncidentPolls {
  async function start(tenantId: string): Promise<PollResult> {
    const now = clock.now();
    const { logId } = await listeners.notePoll(tenantId, now);
    const row = await table.get(tenantId, checkpointKey);
    const { lastSequence } = (row && parseState(row)) ?? (await recoverState(table, tenantId));
    const state = { logId, from: lastSequence + 1, to: lastSequence, startedAt: now, issuedAt: now };
    return { incidents: [], state, hasMore: false };
  }

  return {
    async poll({ tenantId, filter, state }, log) {
      const now = clock.now();
      if (state === undefined || state.issuedAt <= now - retentionMs) return await start(tenantId);
      const { logId } = await listeners.notePoll(tenantId, state.startedAt);
      if (logId !== state.logId) return await start(tenantId);
      const bodies = createIncidentBodies(tenantId, blobs);
      const read = await readLog({ table, bodies, log, tenantId, filter, state });
      return { ...read, state: { ...state, to: read.to, issuedAt: now } };
    },
  };
}

interface ReadParts {
  table: Table;
  bodies: IncidentBodies;
  log: Log;
  tenantId: string;
  filter: EventFilter;
  state: PollState;
}

/** Reads the log behind a state, up to what one reply holds. */
async function readLog(parts: ReadParts): Promise<{ incidents: string[]; to: number; hasMore: boolean }> {
  const { table, tenantId } = parts;
  const incidents: string[] = [];
  let characters = 0;
  let { to } = parts.state;
  for (let read = 0; read < maxRows; read += rowsPerCall) {
    const rows = await table.list(tenantId, { ...logRange(to), top: rowsPerCall });
    for (const row of rows) {
      const text = await readWanted(parts, row);
      if (incidents.length > 0 && text !== undefined && characters + text.length > maxCharacters)
        return { incidents, to, hasMore: true };
      if (text !== undefined) incidents.push(text);
      characters += text?.length ?? 0;
      to = readSequence(row.rowKey);
      if (incidents.length === maxIncidents) return { incidents, to, hasMore: true };
    }
    if (rows.length < rowsPerCall) return { incidents, to, hasMore: false };
  }
  return { incidents, to, hasMore: true };
}

async function readWanted({ bodies, log, tenantId, filter, state }: ReadParts, row: StoredEntity) {
  const logged = parseLogRow(row);
  if (logged !== undefined && !isOffered(logged, filter, state)) return undefined;
  const text = logged && (await bodies.read(logged, row));
  if (text === undefined) log.warn(`Tenant ${tenantId}: skipped the unreadable log row ${row.rowKey}.`);
  return text;
}

/** A poll is offered what was updated since it began, by a clock that may be behind. A baseline is known to be older. */
function isOffered(logged: LoggedVersion, filter: EventFilter, { from, to, startedAt }: PollState): boolean {
  const updatedAt = parseTicks(logged.version) ?? 0n;
  const updatedSince = startedAt - maxClockSkewMs;
  if (updatedAt < toTicks(logged.isBaseline ? startedAt : updatedSince)) return false;
  return toIncidentEventType(filter, logged, { from, to, updatedSince }) !== undefined;
}

import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { formatOptionalInstant, parseOptionalInstant } from '../instants.ts';
import { parsedString } from '../schema.ts';
import { acquireLease, type Lease, type LeaseAttempt } from '../storage/lease.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { type DeliveryFailure, parseFailure } from './delivery.ts';

/** State of the deliveries to a subscriber. Instants are epoch milliseconds. */
export interface DeliveryState {
  /** Deliveries that succeeded. */
  delivered: number;
  /** Dead letters that are kept. */
  deadLettered: number;
  /** Dead letters that were removed after their retention, and deliveries whose tenant the owner has lost. */
  discarded: number;
  lastDeliveryAt: number | undefined;
  lastFailure: DeliveryFailure | undefined;
  /** How long the last attempt took. */
  lastAttemptMs: number;
  /** The receiver asked for no deliveries until then. */
  pausedUntil: number | undefined;
}

/** The lease of the only instance that delivers to a subscriber, which is also the only one that changes its state. */
export type DispatcherLease = Lease<DeliveryState>;

const stateKey = 'state';
const durationMs = 60_000;

/** A member that cannot be read does not reset the others. */
const count = z.catch(
  parsedString((text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined), 'must be a number'),
  0,
);
const instant = z.catch(z.optional(z.iso.datetime()), undefined);
const rowSchema = z.object({
  delivered: count,
  deadLettered: count,
  discarded: count,
  lastDeliveryAt: instant,
  lastFailure: z.catch(z.optional(z.string()), undefined),
  lastAttemptMs: count,
  pausedUntil: instant,
});

/** A caller that finds the lease taken makes its owner run again. */
export const acquireDispatcherLease = (
  table: Table,
  clock: Clock,
  subscriptionId: string,
): Promise<LeaseAttempt<DeliveryState>> =>
  acquireLease({
    table,
    clock,
    partitionKey: subscriptionId,
    rowKey: stateKey,
    durationMs,
    readState,
    writeState,
    flagsOwner: true,
  });

export const getStateRow = (table: Table, subscriptionId: string): Promise<TableEntity | undefined> =>
  table.get(subscriptionId, stateKey);

export function readState(row: TableEntity | undefined): DeliveryState {
  const data = rowSchema.parse(row ?? {});
  return {
    delivered: data.delivered,
    deadLettered: data.deadLettered,
    discarded: data.discarded,
    lastDeliveryAt: parseOptionalInstant(data.lastDeliveryAt),
    lastFailure: parseFailure(data.lastFailure),
    lastAttemptMs: data.lastAttemptMs,
    pausedUntil: parseOptionalInstant(data.pausedUntil),
  };
}

function writeState(state: DeliveryState): Record<string, string | undefined> {
  return {
    delivered: String(state.delivered),
    deadLettered: String(state.deadLettered),
    discarded: String(state.discarded),
    lastDeliveryAt: formatOptionalInstant(state.lastDeliveryAt),
    lastFailure: state.lastFailure && JSON.stringify(state.lastFailure),
    lastAttemptMs: String(state.lastAttemptMs),
    pausedUntil: formatOptionalInstant(state.pausedUntil),
  };
}

/** Whether attempts fail or take long: the next one may take all of its time. */
export const isSuspect = ({ lastFailure, lastDeliveryAt = 0, lastAttemptMs }: DeliveryState): boolean =>
  lastAttemptMs > slowAttemptMs || (lastFailure !== undefined && lastFailure.at > lastDeliveryAt);

/** An attempt that takes longer is treated like one that fails. */
export const slowAttemptMs = 3_000;

/** Counts the events of one tenant that were accepted for a subscriber: publishers of different tenants do not wait for each other. */
export const acceptedKey = (tenantId: string): string => `${stateKey}|${tenantId}`;

/** The number in such a row. */
export const readAccepted = (row: TableEntity | undefined): number => Number(row?.accepted ?? 0) || 0;

/** The state, and how many deliveries have neither succeeded nor been given up. */
export async function readProgress(
  table: Table,
  subscriptionId: string,
): Promise<{ state: DeliveryState; waiting: number }> {
  const rows = await table.list(subscriptionId, { from: stateKey, before: `${stateKey}}` });
  const state = readState(rows.find(({ rowKey }) => rowKey === stateKey));
  const accepted = rows.reduce((sum, row) => sum + readAccepted(row), 0);
  // The rows are read one after the other: a concurrent delivery must not make it negative.
  const waiting = Math.max(0, accepted - state.delivered - state.deadLettered - state.discarded);
  return { state, waiting };
}

import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { HuntingPart } from '../defender/hunting-stream.ts';
import { packMembers, unpackMembers } from '../storage/packed-members.ts';
import { parseStored } from '../storage/stored-json.ts';
import type { TableEntity } from '../storage/tables.ts';
import type { Principal } from '../tokens/principal.ts';

const failureSchema = z.object({
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  nextStep: z.optional(z.string()),
  upstream: z.optional(z.unknown()),
});

/** A problem that a hunting job ended with, as its caller may know it. */
export type JobFailure = z.output<typeof failureSchema>;

const jobSchema = z.object({
  /** Principal whose data the outcome contains. */
  principalId: z.string(),
  /** Owner of the caller that started it. */
  createdBy: z.string(),
  tenantId: z.string(),
  /** Runs only on the instance that has the user's token. */
  isUsers: z.boolean(),
  /** Epoch milliseconds. */
  startedAt: z.int(),
  attempts: z.int(),
  state: z.union([
    z.object({
      kind: z.literal('waiting'),
      query: z.object({ query: z.string(), timespan: z.optional(z.string()) }),
    }),
    z.object({ kind: z.literal('failed'), failure: failureSchema }),
    z.object({
      kind: z.literal('done'),
      columns: z.array(z.object({ name: z.string(), type: z.string() })),
      blobName: z.string(),
    }),
  ]),
});

/** A query that runs after the reply to its caller; its rows are in a blob. */
export type HuntingJob = z.output<typeof jobSchema>;

/** Its outcome as a caller sees it. */
export type JobOutcome =
  | { kind: 'running' }
  | { kind: 'failed'; failure: JobFailure }
  | { kind: 'done'; result: { read(consume: (parts: AsyncIterable<HuntingPart>) => Promise<void>): Promise<void> } };

/** Undefined for a row that does not exist or cannot be read. */
export const readJob = (row: TableEntity | undefined): HuntingJob | undefined =>
  parseStored(jobSchema, unpackMembers(row));

export function writeJob(job: HuntingJob | undefined): Record<string, string> {
  const members = job && packMembers(JSON.stringify(job));
  if (members === undefined) throw new TypeError('The hunting job is too large to be stored');
  return members;
}

/** The application is one principal per tenant. */
export function toPrincipalId(principal: Principal): string {
  const user = principal.kind === 'user' ? principal.objectId : '';
  return createHash('sha256')
    .update(JSON.stringify([principal.tenantId, principal.kind, user]))
    .digest('base64url');
}

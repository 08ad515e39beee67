import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { HuntingQuery } from '../defender/hunting.ts';
import type { HuntingColumn } from '../defender/hunting-result.ts';
import { RequestError } from '../errors.ts';
import { packMembers, unpackMembers } from '../storage/packed-members.ts';
import type { TableEntity } from '../storage/tables.ts';
import type { Principal } from '../tokens/principal.ts';

/** What is noted of a hunt that was accepted; beside it stand the query and, once it is done, the columns in its place. */
export const rowSchema = z.object({
  owner: z.string(),
  tenantId: z.string(),
  isUsers: z.optional(z.boolean()),
  state: z.enum(['waiting', 'done', 'failed']),
  startedAt: z.iso.datetime(),
  claimedUntil: z.optional(z.iso.datetime()),
  tries: z.string(),
  failure: z.optional(z.string()),
});

export const failureSchema = z.object({
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  nextStep: z.optional(z.string()),
  upstream: z.optional(z.unknown()),
});

/** Nobody can be another user without that user's token; of the application there is one in each tenant. */
export function ownerOf(principal: Principal): string {
  const user = principal.kind === 'user' ? principal.objectId : '';
  return createHash('sha256')
    .update(JSON.stringify([principal.tenantId, principal.kind, user]))
    .digest('base64url');
}

export function writeQuery(query: HuntingQuery): Record<string, string> {
  const members = packMembers(JSON.stringify(query));
  if (members === undefined) throw new RequestError(413, 'RequestTooLarge', 'The query is too large to be kept.');
  return members;
}

const querySchema = z.object({ query: z.string(), timespan: z.optional(z.string()) });

export const readQuery = (row: TableEntity): HuntingQuery => querySchema.parse(JSON.parse(unpackMembers(row) ?? ''));

export function packColumns(columns: HuntingColumn[]): Record<string, string> {
  const members = packMembers(JSON.stringify(columns));
  if (members === undefined) throw new TypeError('A result has more columns than can be kept');
  return members;
}

const columnsSchema = z.array(z.object({ name: z.string(), type: z.string() }));

/** Once a hunt is done, its row holds them in place of the query. */
export const readColumns = (row: TableEntity): HuntingColumn[] =>
  columnsSchema.parse(JSON.parse(unpackMembers(row) ?? '[]'));

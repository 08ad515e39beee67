import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/** The cursor of a poll. Instants are epoch milliseconds. */
export interface PollState {
  /** The log that it points into. */
  logId: string;
  /** The first sequence number that was offered. */
  from: number;
  /** The last sequence number that was offered. */
  to: number;
  startedAt: number;
  issuedAt: number;
}

const schema = z.tuple([z.string(), z.int(), z.int(), z.int(), z.int()]);
const digestCharacters = 22;

/** `binding`: the tenant and the parameters, which the state is valid for only. */
export function writePollState({ logId, from, to, startedAt, issuedAt }: PollState, binding: string): string {
  const content = Buffer.from(JSON.stringify([logId, from, to, startedAt, issuedAt])).toString('base64url');
  return `${content}.${digest(content, binding)}`;
}

/** Undefined for a state that was not written with this binding. */
export function parsePollState(text: string, binding: string): PollState | undefined {
  const [content = '', signature, ...others] = text.split('.');
  if (others.length > 0 || signature !== digest(content, binding)) return undefined;
  const { data } = schema.safeParse(parse(content));
  if (data === undefined) return undefined;
  const [logId, from, to, startedAt, issuedAt] = data;
  return { logId, from, to, startedAt, issuedAt };
}

/** Guards against mistakes: a forged state reaches nothing that the caller could not poll anyway. */
const digest = (content: string, binding: string): string =>
  createHash('sha256').update(`${content}\n${binding}`).digest('base64url').slice(0, digestCharacters);

function parse(content: string): unknown {
  try {
    return JSON.parse(Buffer.from(content, 'base64url').toString());
  } catch {
    return undefined;
  }
}

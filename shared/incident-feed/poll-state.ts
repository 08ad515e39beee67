import * as z from 'zod/mini';
import { parseStored } from '../storage/stored-json.ts';
import type { StateProtection } from '../tokens/state-protection.ts';

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

const schema = z.object({ logId: z.string(), from: z.int(), to: z.int(), startedAt: z.number(), issuedAt: z.number() });
type Signer = Pick<StateProtection, 'sign' | 'verify'>;

/** `binding`: the tenant and the parameters, the only ones that the state is valid for. */
export async function writePollState(signer: Signer, state: PollState, binding: string): Promise<string> {
  const content = Buffer.from(JSON.stringify(state)).toString('base64url');
  return `${content}.${await signer.sign('pollState', `${content}\n${binding}`)}`;
}

/** Undefined for a state that was not written with this binding. */
export async function parsePollState(signer: Signer, text: string, binding: string): Promise<PollState | undefined> {
  const [content = '', ...rest] = text.split('.');
  if (!(await signer.verify('pollState', `${content}\n${binding}`, rest.join('.')))) return undefined;
  return parseStored(schema, Buffer.from(content, 'base64url').toString());
}

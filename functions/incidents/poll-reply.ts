import * as z from 'zod/mini';
import { incident } from '../../shared/defender/incident-schema.ts';
import type { ReplyFormat } from '../../shared/inbound/reply.ts';

export interface Polled {
  /** Each as JSON. */
  incidents: readonly string[];
  /** Where to ask the next time. */
  location: string;
  hasMore: boolean;
}

/** Often enough to be soon, and seldom enough for the quota of Defender. */
const pauseSeconds = 60;

/** What a polling trigger is answered: 202 while there is nothing new. */
export const pollReply: ReplyFormat<Polled> = {
  contents: { 'application/json': z.object({ value: z.array(incident) }) },
  description: 'What is new; 202 when nothing is. `Location` is where to ask next, after `Retry-After` seconds.',
  statuses: [200, 202],
  isPage: false,
  serialize: ({ incidents, location, hasMore }) => ({
    status: incidents.length > 0 ? 200 : 202,
    headers: { location, 'retry-after': String(hasMore ? 1 : pauseSeconds) },
    contentType: 'application/json; charset=utf-8',
    body: `{"value":[${incidents.join(',')}]}`,
  }),
};

import * as z from 'zod/mini';
import { incident } from '../../shared/defender/incident-schema.ts';
import type { ReplyFormat } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

export interface Polled {
  /** Each as JSON. */
  incidents: readonly string[];
  /** Absolute URL of the next poll. */
  location: string;
  hasMore: boolean;
}

/** The feed runs once a minute. */
const pauseSeconds = 60;

/** The reply of a polling trigger. */
export const pollReply: ReplyFormat<Polled> = {
  contents: { 'application/json': z.object({ value: withDescription(z.array(incident), 'New incidents') }) },
  description: 'New incidents, at most 1,000; 202 if there are none. Poll `Location` after `Retry-After` seconds.',
  statuses: [200, 202],
  isPage: false,
  serialize: ({ incidents, location, hasMore }) => ({
    status: incidents.length > 0 ? 200 : 202,
    headers: { location, 'retry-after': String(hasMore ? 1 : pauseSeconds) },
    contentType: 'application/json; charset=utf-8',
    body: `{"value":[${incidents.join(',')}]}`,
  }),
};

import type { Cloud } from '../sandbox/cloud.ts';
import { parseJsonObject } from '../sandbox/exchange.ts';
import { identityHeader } from '../sandbox/managed-identity.ts';

/** Texts that must not appear in a reply, a log line or telemetry. */
export interface Canaries {
  add(secret: string | null | undefined): void;
  /** The kind of secret that a text contains; undefined for none. */
  findIn(text: string): string | undefined;
}

/** Records every credential that crosses the wire to a service. */
export function watchCredentials(cloud: Cloud, known: readonly string[]): Canaries {
  const secrets = new Set([...known, identityHeader, ...cloud.world.application.secrets.map(({ value }) => value)]);
  const add = (secret: string | null | undefined) => {
    // A fuzzed response has a token that the requests of the run contain as well.
    if (secret && /^(eyJ|sandbox-secret)/.test(secret)) secrets.add(secret);
  };
  cloud.faults.add({
    async effect({ headers, body }, answer) {
      add(headers.authorization?.replace(/^Bearer /, ''));
      const form = new URLSearchParams(body);
      for (const name of ['client_secret', 'client_assertion', 'assertion']) add(form.get(name));
      const reply = await answer();
      const answered = 'broken' in reply ? undefined : parseJsonObject(Buffer.from(reply.body).toString());
      if (typeof answered?.access_token === 'string') add(answered.access_token);
      return reply;
    },
  });
  return {
    add,
    findIn: (text) => [...secrets].find((secret) => text.includes(secret))?.slice(0, 12),
  };
}

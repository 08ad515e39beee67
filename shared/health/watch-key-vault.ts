import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { formatInstant } from '../instants.ts';
import type { Log } from '../log.ts';
import type { Observe } from '../outbound/observation.ts';
import { daysLeft } from './credential-expiry.ts';

interface VaultContext {
  config: Config;
  clock: Clock;
  /** Makes every instance read its secrets again. */
  raiseGeneration(topic: 'credentials'): Promise<void>;
  observe: Observe;
}

/** An event of Key Vault about a secret or certificate. */
export interface VaultEvent {
  /** Such as `Microsoft.KeyVault.SecretNewVersionCreated`. */
  type: string;
  /** The name of the secret or certificate. */
  subject: string | undefined;
  data: Record<string, unknown>;
}

const objectName = z.string().check(z.regex(/^[0-9a-zA-Z-]{1,127}$/));
/** Epoch seconds; text in the published sample. */
const epochSeconds = z.pipe(
  z.pipe(
    z.union([z.number(), z.string().check(z.regex(/^\d+$/))]),
    z.transform((value) => Number(value)),
  ),
  // The range of dates.
  z.number().check(z.minimum(0), z.maximum(8_640_000_000_000)),
);

/**
 * Has every instance read its secrets again when one of them has a new version, and warns of secrets and certificates that are about
 * to expire or have expired. Other events are ignored. Event Grid delivers at least once and in any order, which does no harm.
 * @throws {UpstreamError} of `storage` if other instances could not be notified.
 */
export async function watchKeyVault(context: VaultContext, events: readonly VaultEvent[], log: Log): Promise<void> {
  const renewed = new Set<string>();
  for (const event of events) {
    const name = objectName.safeParse(event.data.ObjectName ?? event.subject).data;
    if (name === undefined) continue;
    if (newVersionTypes.has(event.type) && isOwnSecret(context.config, name, event)) renewed.add(name);
    if (expiryTypes.has(event.type)) warnOfExpiry(context, name, event, log);
  }
  if (renewed.size === 0) return;
  await context.raiseGeneration('credentials');
  log.info(`New version of ${[...renewed].join(', ')} in Key Vault: every instance reads it within a minute.`);
}

const toTypes = (...events: string[]): ReadonlySet<string> =>
  new Set(events.flatMap((event) => [`Microsoft.KeyVault.Secret${event}`, `Microsoft.KeyVault.Certificate${event}`]));
const newVersionTypes = toTypes('NewVersionCreated');
const expiryTypes = toTypes('NearExpiry', 'Expired');

function isOwnSecret(config: Config, name: string, { data }: VaultEvent): boolean {
  const own = [config.credential, config.webhookSecret, config.stateKey];
  return own.some((secret) => secret !== undefined && 'name' in secret && isSecret(secret, name, data.VaultName));
}

/** Names in Key Vault are case-insensitive. An event without the name of its vault matches any vault. */
function isSecret(secret: { vaultUrl: string; name: string }, name: string, vaultName: unknown): boolean {
  if (secret.name.toLowerCase() !== name.toLowerCase()) return false;
  const ownVault = new URL(secret.vaultUrl).hostname.split('.')[0];
  return typeof vaultName !== 'string' || vaultName.toLowerCase() === ownVault;
}

function warnOfExpiry(
  { clock, observe }: VaultContext,
  credential: string,
  { type, data }: VaultEvent,
  log: Log,
): void {
  const seconds = epochSeconds.safeParse(data.EXP).data;
  const expiresAt = seconds === undefined ? undefined : seconds * 1000;
  const left = expiresAt === undefined ? undefined : daysLeft({ expiresAt }, clock.now());
  observe({
    name: type.endsWith('NearExpiry') ? 'CredentialExpiring' : 'CredentialExpired',
    credential,
    ...(left !== undefined && { daysLeft: left }),
    ...(expiresAt !== undefined && { expiresAt }),
  });
  const when = expiresAt === undefined ? '' : ` (${formatInstant(expiresAt)})`;
  log.warn(`${credential} in Key Vault ${type.endsWith('NearExpiry') ? 'expires soon' : 'has expired'}${when}.`);
}

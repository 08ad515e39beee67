import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Observe } from '../outbound/observation.ts';
import type { AppCredential } from '../tokens/app-credential.ts';
import type { SigningSecret } from '../tokens/signing-secret.ts';
import { daysLeft } from './credential-expiry.ts';

interface VaultWorld {
  config: Config;
  clock: Clock;
  appCredential: AppCredential;
  webhookSecret: Pick<SigningSecret, 'expire'> | undefined;
  observe: Observe;
}

/** What Key Vault tells of one of its secrets or certificates. */
export interface VaultEvent {
  /** `Microsoft.KeyVault.` and what happened. */
  type: string;
  /** The name of the secret or certificate. */
  subject: string | undefined;
  data: Record<string, unknown>;
}

const objectName = z.string().check(z.regex(/^[0-9a-zA-Z-]{1,127}$/));
/** Epoch seconds, which the published sample has as text. */
const epochSeconds = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^\d+$/))]),
  z.transform((value) => Number(value)),
);

/**
 * Drops the app's credential, or the webhook's secret, when there is a newer version of it, and warns of whatever in the vault is about to expire or has. What
 * else a vault may tell is of no interest here. Event Grid delivers at least once and in no order: neither does harm twice.
 */
export function watchKeyVault(world: VaultWorld, event: VaultEvent, log: Log): void {
  const name = objectName.safeParse(event.data.ObjectName ?? event.subject).data;
  if (name === undefined) return;
  switch (event.type) {
    case 'Microsoft.KeyVault.SecretNewVersionCreated':
    case 'Microsoft.KeyVault.CertificateNewVersionCreated':
      dropCredential(world, name, log);
      break;
    case 'Microsoft.KeyVault.SecretNearExpiry':
    case 'Microsoft.KeyVault.CertificateNearExpiry':
    case 'Microsoft.KeyVault.SecretExpired':
    case 'Microsoft.KeyVault.CertificateExpired':
      warnOfExpiry(world, name, event, log);
  }
}

/** A vault's names do not tell upper from lower case. Of another vault's secret by this name a needless read is the only consequence. */
function dropCredential({ config, appCredential, webhookSecret }: VaultWorld, name: string, log: Log): void {
  const isMeant = (own: string | undefined) => own?.toLowerCase() === name.toLowerCase();
  const isCredential = 'name' in config.credential && isMeant(config.credential.name);
  const isWebhookSecret = isMeant(config.webhookSecret?.name);
  if (isCredential) appCredential.vault?.expire();
  if (isWebhookSecret) webhookSecret?.expire();
  if (!isCredential && !isWebhookSecret) return;
  log.info(`There is a new version of ${name} in Key Vault: it is read when it is next needed.`);
}

function warnOfExpiry({ clock, observe }: VaultWorld, credential: string, { type, data }: VaultEvent, log: Log): void {
  const seconds = epochSeconds.safeParse(data.EXP).data;
  const expiresAt = seconds === undefined ? undefined : seconds * 1000;
  const left = expiresAt === undefined ? undefined : daysLeft({ expiresAt }, clock.now());
  observe({
    name: type.endsWith('NearExpiry') ? 'CredentialExpiring' : 'CredentialExpired',
    credential,
    ...(left !== undefined && { daysLeft: left }),
    ...(expiresAt !== undefined && { expiresAt }),
  });
  const when = expiresAt === undefined ? '' : ` (${new Date(expiresAt).toISOString()})`;
  log.warn(`${credential} in Key Vault ${type.endsWith('NearExpiry') ? 'expires soon' : 'has expired'}${when}.`);
}

import type { Config } from '../config.ts';
import { UpstreamError } from '../errors.ts';
import type { SigningSecret } from '../tokens/signing-secret.ts';
import type { StateProtection } from '../tokens/state-protection.ts';
import type { Warning } from './health-schema.ts';

interface WarningContext {
  config: Config;
  webhookSecret: Pick<SigningSecret, 'get'> | undefined;
  stateProtection: Pick<StateProtection, 'sign'>;
}

/** A warning, and whether some operation fails because of it. */
export interface Finding {
  warning: Warning;
  isDegrading: boolean;
}

const xdrHuntingEndsAt = Date.parse('2027-02-01T00:00:00Z');

/** What an administrator should know beside the steps to a token. */
export async function findWarnings(context: WarningContext, tenantCount: number, now: number): Promise<Finding[]> {
  const { config, webhookSecret, stateProtection } = context;
  const findings = [...findConfigWarnings(config, tenantCount, now)];
  if (webhookSecret !== undefined)
    findings.push(...(await checkSecret('WebhookSecretUnavailable', () => webhookSecret.get())));
  if (config.stateKey !== undefined)
    findings.push(...(await checkSecret('StateKeyUnavailable', () => stateProtection.sign('nextLink', ''))));
  return findings;
}

function* findConfigWarnings(config: Config, tenantCount: number, now: number): Generator<Finding> {
  if (config.storage !== undefined && config.stateKey === undefined)
    yield advise(
      'StateKeyMissing',
      'STATE_KEY_NAME is not set: signing secrets, callback URLs and stored responses are in the storage account as plain text.',
      'Store a random value of at least 32 characters in Key Vault and set STATE_KEY_NAME to its name.',
    );
  if (config.huntingApi === 'xdr') {
    const warning = advise(
      'HuntingApiRetired',
      'The hunting API of Defender XDR stops returning data on 1 February 2027.',
      'Grant ThreatHunting.Read.All of Microsoft Graph and set DEFENDER_HUNTING_API to graph.',
    );
    yield { ...warning, isDegrading: now >= xdrHuntingEndsAt };
  }
  if (config.callerAuthentication === 'key' && tenantCount > 1)
    yield advise(
      'FunctionKeyOpensAllTenants',
      `Every function key gives access to all ${tenantCount} tenants.`,
      'Assign roles of the app registration to callers and set CALLER_AUTHENTICATION to token.',
    );
}

const advise = (code: string, detail: string, nextStep: string): Finding => ({
  warning: { code, detail, nextStep },
  isDegrading: false,
});

async function checkSecret(code: string, read: () => Promise<unknown>): Promise<Finding[]> {
  try {
    await read();
    return [];
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const { message: detail, nextStep } = error;
    return [{ warning: { code, detail, ...(nextStep && { nextStep }) }, isDegrading: true }];
  }
}

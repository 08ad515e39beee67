import * as z from 'zod/mini';
import { RequestError, type UpstreamAnswer, UpstreamError } from '../errors.ts';
import { parseRetryAfterMs } from '../outbound/retry-after.ts';
import type { Outcome } from '../outbound/watched-http-client.ts';
import { readRefusal } from './aadsts.ts';
import { toInteractionRequired } from './interaction-required.ts';

/** How a step failed: an `UpstreamError`, or a `RequestError` about the user's token. */
export type StepError = UpstreamError | RequestError;

/** The services that token acquisition calls. */
export type StepService = 'managedIdentity' | 'keyVault' | 'entra';

/** A secret or certificate of Key Vault, as the administrator knows it. */
export interface VaultSecretName {
  vaultUrl: string;
  name: string;
  /** The setting that gives the name. */
  setting: string;
}

interface Failure {
  service: StepService;
  outcome: Outcome;
  /** Epoch milliseconds. */
  now: number;
  secret: VaultSecretName | undefined;
}

/** Translates the last request of a step. The SDK's own error is dropped: its message may quote a response with a token. */
export function toStepError({ service, outcome, now, secret }: Failure): StepError {
  const label = labels[service](secret);
  const fail = (detail: string, more: Pick<UpstreamError, 'failure'> & { status?: number; code?: string }) =>
    new UpstreamError(`${label} ${detail}.`, { service, nextStep: unreachable[service], ...more });
  switch (outcome.kind) {
    case 'timeout':
      return fail('did not respond within 10 seconds', { failure: 'timeout' });
    case 'connection':
      return fail('could not be reached', { failure: 'connection', code: outcome.code });
    case 'none':
      return fail('could not be called', { failure: 'malformed' });
    case 'answered':
      if (outcome.status < 400)
        return fail('sent a response that violates its contract', { failure: 'malformed', status: outcome.status });
      return describeRefusal(service, outcome, parseRetryAfterMs(outcome.header('retry-after'), now), secret);
  }
}

const labels: Record<StepService, (secret: VaultSecretName | undefined) => string> = {
  managedIdentity: () => 'The managed identity endpoint',
  keyVault: (secret) => (secret === undefined ? 'Key Vault' : `Key Vault ${secret.vaultUrl} (secret ${secret.name})`),
  entra: () => 'Entra',
};

const unreachable: Record<StepService, string> = {
  managedIdentity: 'Check that the function app has a managed identity. Restart the app if it was assigned just now.',
  keyVault:
    'Check KEY_VAULT_URL, and that the vault is reachable from the network of the function app (firewall, private endpoint, DNS).',
  entra:
    'Check that the Entra authority is reachable from the network of the function app, and the Microsoft Entra service health.',
};

type Answer = Extract<Outcome, { kind: 'answered' }>;

function describeRefusal(
  service: StepService,
  answer: Answer,
  retryAfterMs: number | undefined,
  secret: VaultSecretName | undefined,
): StepError {
  switch (service) {
    case 'managedIdentity':
      return describeManagedIdentityRefusal(answer, retryAfterMs);
    case 'keyVault':
      return describeVaultRefusal(answer, retryAfterMs, secret);
    case 'entra':
      return describeEntraRefusal(answer, retryAfterMs);
  }
}

function describeManagedIdentityRefusal({ status }: Answer, retryAfterMs: number | undefined): UpstreamError {
  return new UpstreamError('The managed identity endpoint returned no token.', {
    service: 'managedIdentity',
    failure: 'refused',
    status,
    retryAfterMs,
    nextStep:
      status === 400
        ? 'Assign a managed identity to the function app. For a user-assigned one set AZURE_CLIENT_ID to its client id.'
        : unreachable.managedIdentity,
  });
}

const vaultErrorBody = z.object({
  error: z.object({ code: z.string(), innererror: z.optional(z.object({ code: z.string() })) }),
});

/** Keyed by error code of Key Vault. */
const vaultNextSteps: Record<string, (secret: VaultSecretName) => string> = {
  SecretNotFound: ({ name, vaultUrl, setting }) =>
    `Store the secret as ${name} in ${vaultUrl}, or correct the setting ${setting}.`,
  SecretDisabled: ({ name, vaultUrl }) =>
    `Enable the latest version of ${name} in ${vaultUrl}, or store a new version.`,
  AccessDenied: grantRole,
  Forbidden: (secret) => `${grantRole(secret)} Check that the firewall of the vault admits the app.`,
  ForbiddenByRbac: grantRole,
  Throttled: () => 'Wait: the app retries.',
};

function grantRole({ vaultUrl }: VaultSecretName): string {
  return `Grant the managed identity of the function app the role Key Vault Secrets User on ${vaultUrl}.`;
}

function describeVaultRefusal(
  { status, header, bodyText }: Answer,
  retryAfterMs: number | undefined,
  secret: VaultSecretName | undefined,
): UpstreamError {
  const error = parseJson(vaultErrorBody, bodyText)?.error;
  const code = error?.innererror?.code ?? error?.code;
  const nextStep = secret && vaultNextSteps[code ?? '']?.(secret);
  return new UpstreamError(`Could not read the secret ${secret?.name} in ${secret?.vaultUrl}.`, {
    service: 'keyVault',
    failure: 'refused',
    status,
    code,
    requestId: header('x-ms-request-id'),
    retryAfterMs,
    nextStep: nextStep ?? unreachable.keyVault,
  });
}

const entraErrorBody = z.object({
  error: z.optional(z.string()),
  error_codes: z.optional(z.array(z.number())),
  trace_id: z.optional(z.string()),
  claims: z.optional(z.string()),
});

function describeEntraRefusal({ status, bodyText }: Answer, retryAfterMs: number | undefined): StepError {
  const body = parseJson(entraErrorBody, bodyText);
  const number = body?.error_codes?.[0];
  const { meaning, nextStep, kind } = readRefusal(number, status);
  const upstream: UpstreamAnswer = {
    service: 'entra',
    status,
    code: number === undefined ? body?.error : `AADSTS${number}`,
    requestId: body?.trace_id,
  };
  if (body?.error === 'interaction_required') return toInteractionRequired(upstream, body.claims);
  if (kind === 'assertionRejected') return toInvalidUserToken(upstream, meaning);
  // Other codes of this error concern the assertion too, except missing consent.
  if (body?.error === 'invalid_grant' && kind !== 'noConsent') return toInvalidUserToken(upstream, notAccepted);
  return new UpstreamError(meaning, {
    ...upstream,
    failure: 'refused',
    retryAfterMs: retryAfterMs ?? (kind === 'transient' && status < 500 ? 1_000 : undefined),
    nextStep,
  });
}

const notAccepted = "Entra rejected the user's token.";

function toInvalidUserToken(upstream: UpstreamAnswer, detail: string): RequestError {
  return new RequestError(401, 'InvalidUserToken', detail, {
    upstream,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}

function parseJson<T>(schema: z.ZodMiniType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

import * as z from 'zod/mini';
import { RequestError, type UpstreamAnswer, UpstreamError } from '../errors.ts';
import { parseRetryAfterMs } from '../outbound/retry-after.ts';
import type { Outcome } from '../outbound/watched-http-client.ts';
import { readRefusal } from './aadsts.ts';

/** A step failed: for us, or, where it is about the user's token, for the caller. */
export type StepError = UpstreamError | RequestError;

/** The steps of getting a token, by the service that is asked. */
export type StepService = 'managedIdentity' | 'keyVault' | 'entra';

/**
 * What a step's last request came to, as an error that says what to do. The SDK's own error is left behind on purpose: its sentence may quote the answer, and the answer may hold a token.
 */
export function toStepError(service: StepService, outcome: Outcome, now: number): StepError {
  switch (outcome.kind) {
    case 'timeout':
      return new UpstreamError(`${labels[service]} did not answer within ten seconds.`, {
        service,
        failure: 'timeout',
        nextStep: unreachable[service],
      });
    case 'connection':
      return new UpstreamError(`${labels[service]} could not be reached.`, {
        service,
        failure: 'connection',
        code: outcome.code,
        nextStep: unreachable[service],
      });
    case 'none':
      return new UpstreamError(`${labels[service]} could not be asked.`, {
        service,
        failure: 'malformed',
        nextStep: unreachable[service],
      });
    case 'answered':
      if (outcome.status < 400) {
        return new UpstreamError(`${labels[service]} gave an answer that is not what its contract says.`, {
          service,
          failure: 'malformed',
          status: outcome.status,
          nextStep: unreachable[service],
        });
      }
      return describeRefusal[service](outcome, parseRetryAfterMs(outcome.header('retry-after'), now));
  }
}

const labels: Record<StepService, string> = {
  managedIdentity: 'The managed identity endpoint',
  keyVault: 'Key Vault',
  entra: 'Entra',
};

const unreachable: Record<StepService, string> = {
  managedIdentity:
    'Check that a managed identity is assigned to the function app; restart the app if it was assigned just now.',
  keyVault:
    'Check KEY_VAULT_URL, and that the network of the function app reaches the vault (firewall, private endpoint, DNS).',
  entra:
    'Check that the network of the function app reaches the Entra authority, and the Microsoft Entra service health.',
};

type Answer = Extract<Outcome, { kind: 'answered' }>;
type Describe = (answer: Answer, retryAfterMs: number | undefined) => StepError;

const describeRefusal: Record<StepService, Describe> = {
  managedIdentity: describeManagedIdentityRefusal,
  keyVault: describeVaultRefusal,
  entra: describeEntraRefusal,
};

function describeManagedIdentityRefusal({ status }: Answer, retryAfterMs: number | undefined): UpstreamError {
  return new UpstreamError('The managed identity endpoint gave no token.', {
    service: 'managedIdentity',
    failure: 'refused',
    status,
    retryAfterMs,
    nextStep:
      status === 400
        ? 'Assign a managed identity to the function app; for a user-assigned one set AZURE_CLIENT_ID to its client id.'
        : unreachable.managedIdentity,
  });
}

const vaultErrorBody = z.object({
  error: z.object({ code: z.string(), innererror: z.optional(z.object({ code: z.string() })) }),
});

const vaultNextSteps: Record<string, string> = {
  SecretNotFound:
    'Store the client secret in the vault under the name that DEFENDER_CLIENT_SECRET_NAME gives, a certificate under that of DEFENDER_CERTIFICATE_NAME.',
  SecretDisabled: 'Enable the latest version of the secret or certificate in Key Vault, or store a new version.',
  AccessDenied: "Grant the app's managed identity the role Key Vault Secrets User on the vault.",
  Forbidden:
    "Grant the app's managed identity the role Key Vault Secrets User on the vault, and check that the vault's firewall admits the app.",
  ForbiddenByRbac: "Grant the app's managed identity the role Key Vault Secrets User on the vault.",
  Throttled: 'Wait; the app tries again by itself.',
};

function describeVaultRefusal({ status, header, bodyText }: Answer, retryAfterMs: number | undefined): UpstreamError {
  const error = parseJson(vaultErrorBody, bodyText)?.error;
  const code = error?.innererror?.code ?? error?.code;
  return new UpstreamError("Key Vault did not give the app's credential.", {
    service: 'keyVault',
    failure: 'refused',
    status,
    code,
    requestId: header('x-ms-request-id'),
    retryAfterMs,
    nextStep: vaultNextSteps[code ?? ''] ?? unreachable.keyVault,
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
  // Other codes of this error are about the assertion too; that nobody has consented is not.
  if (body?.error === 'invalid_grant' && kind !== 'noConsent') return toInvalidUserToken(upstream, notAccepted);
  return new UpstreamError(meaning, {
    ...upstream,
    failure: 'refused',
    retryAfterMs: retryAfterMs ?? (kind === 'transient' && status < 500 ? 1_000 : undefined),
    nextStep,
  });
}

/** Conditional Access wants more of the user: the claims go back to whoever signs the user in. */
function toInteractionRequired(upstream: UpstreamAnswer, claims: string | undefined): RequestError {
  const challenge = claims === undefined ? '' : `, claims="${Buffer.from(claims).toString('base64')}"`;
  return new RequestError(401, 'InteractionRequired', 'The user has to sign in again, with what the claims ask for.', {
    upstream,
    headers: { 'www-authenticate': `Bearer error="insufficient_claims"${challenge}` },
    nextStep: 'Sign the user in again with these claims, and call with the new token.',
  });
}

const notAccepted = "Entra does not accept the user's token.";

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

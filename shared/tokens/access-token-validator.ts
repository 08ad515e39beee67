import { compactVerify, errors } from 'jose';
import type { Clock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import { type AccessTokenClaims, parseAccessToken } from './access-token-claims.ts';
import { invalidToken } from './invalid-token.ts';
import type { SigningKeys } from './signing-keys.ts';

/** A caller's access token for this app, validated. */
export interface VerifiedToken extends AccessTokenClaims {
  token: string;
}

/** Validates the access tokens of callers, before any claim is used. */
export interface AccessTokenValidator {
  /**
   * @param requireServed throws for a customer tenant that is not served; its keys are not requested then.
   * @throws {RequestError} 401 for a token that is not a valid access token for this app, or what `requireServed` throws.
   * @throws {UpstreamError} of `entra` if its signing keys cannot be fetched.
   */
  validate(token: string, requireServed: (tenantId: string) => Promise<void>): Promise<VerifiedToken>;
}

interface AccessTokenValidatorOptions {
  clientId: string;
  /** Further audiences. */
  appIdUris: readonly string[];
  homeTenantId: string;
  /** Base address of Entra, such as `https://login.microsoftonline.com`. */
  authority: string;
  keys: SigningKeys;
  clock: Clock;
}

/** Rejects before the keys of a tenant are requested, and verifies the signature last. */
export function createAccessTokenValidator(options: AccessTokenValidatorOptions): AccessTokenValidator {
  const { clientId, appIdUris, homeTenantId, authority, keys, clock } = options;
  const audiences = new Set([clientId, `api://${clientId}`, ...appIdUris]);

  return {
    async validate(token, requireServed) {
      const parsed = parseAccessToken(token, audiences, clock.now());
      if ('reason' in parsed) throw invalidToken(parsed.reason, clientId);
      const { claims, keyId } = parsed;
      const { kind, tenantId, issuer } = claims;
      if (!issuersOf(authority, tenantId).includes(issuer)) throw invalidToken('its issuer is not trusted', clientId);
      if (tenantId !== homeTenantId) {
        if (kind === 'application') throw invalidToken('it is of an application in another tenant', clientId);
        await requireServed(tenantId);
      }
      const findKey = await keys.get(tenantId, keyId);
      await compactVerify(token, findKey, { algorithms: ['RS256'] }).catch((error: unknown) => {
        if (error instanceof errors.JOSEError) throw invalidToken('its signature is not valid', clientId);
        throw new UpstreamError('Entra published a signing key that cannot be used.', {
          service: 'entra',
          failure: 'malformed',
          cause: error,
        });
      });
      return { ...claims, token };
    },
  };
}

/** Issuers of version 2.0 and version 1.0 tokens; the latter is the same in every cloud. */
const issuersOf = (authority: string, tenantId: string): readonly string[] => [
  `${authority}/${tenantId}/v2.0`,
  `https://sts.windows.net/${tenantId}/`,
];

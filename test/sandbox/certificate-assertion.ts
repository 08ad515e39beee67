import { createHash, type X509Certificate } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { AadstsCode } from './entra-error.ts';
import { Refusal } from './entra-refusal.ts';
import type { UnverifiedJwt } from './unverified-jwt.ts';
import type { Application } from './world.ts';

/** How far the clock of a client may be from that of Entra. */
const clockToleranceSeconds = 5 * 60;

/**
 * Verifies an assertion that an application has made itself, with the certificate of the app registration that it names.
 * @throws {Refusal}
 */
export async function requireCertificate(
  { token, thumbprint = '' }: UnverifiedJwt,
  { certificates, clientId }: Application,
  tokenUrls: readonly string[],
  at: number,
): Promise<void> {
  const certificate = certificates.find((each) => thumbprintsOf(each).includes(thumbprint));
  if (!certificate) throw new Refusal(700027, describe('notRegistered', thumbprint));
  if (!isValid(certificate, at)) throw new Refusal(700027, describe('expired', thumbprint));
  try {
    await jwtVerify(token, certificate.publicKey, {
      algorithms: ['PS256', 'RS256'],
      issuer: clientId,
      subject: clientId,
      audience: [...tokenUrls],
      requiredClaims: ['exp'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(at),
    });
  } catch (error) {
    const code = codeOf(error);
    throw new Refusal(code, code === 700027 ? describe('badSignature', thumbprint) : undefined);
  }
}

function thumbprintsOf({ raw }: X509Certificate): readonly string[] {
  return ['sha256', 'sha1'].map((algorithm) => createHash(algorithm).update(raw).digest('base64url'));
}

function isValid({ validFromDate, validToDate }: X509Certificate, at: number): boolean {
  return validFromDate.getTime() <= at && at < validToDate.getTime();
}

function codeOf(error: unknown): AadstsCode {
  if (error instanceof errors.JWTExpired) return 700024;
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 700027;
  if (error.claim === 'aud') return 700023;
  return error.claim === 'iss' || error.claim === 'sub' ? 700021 : 700024;
}

const reasons = {
  notRegistered:
    'The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.',
  expired:
    'The certificate with identifier used to sign the client assertion is expired on application. [Reason - The key used is expired.',
  badSignature:
    'Client assertion failed signature validation. [Reason - Key was found, but use of the key to verify the signature failed.',
};

function describe(reason: keyof typeof reasons, thumbprint: string): string {
  const hex = Buffer.from(thumbprint, 'base64url').toString('hex').toUpperCase();
  return `${reasons[reason]}, Thumbprint of key used by client: '${hex}']`;
}

/**
 * Kinds of errors of Entra. `credentialRejected`: the secret or certificate is invalid, a newer one may be valid · `noConsent`: the tenant
 * has not consented to the app, or no longer · `assertionRejected`: the user's token is invalid · `unknownTenant`: the tenant does not
 * exist · `transient`: the same request may succeed later · `misconfigured`: an administrator has to change something.
 */
export type RefusalKind =
  | 'credentialRejected'
  | 'noConsent'
  | 'assertionRejected'
  | 'unknownTenant'
  | 'transient'
  | 'misconfigured';

/** AADSTS numbers; all others are `misconfigured`. */
const numbersByKind: Record<Exclude<RefusalKind, 'misconfigured'>, readonly number[]> = {
  credentialRejected: [7000215, 7000222, 700024, 700027],
  noConsent: [700016, 7000229, 65001],
  unknownTenant: [90002],
  assertionRejected: [50013, 50020, 50027, 500131, 500133, 7000114],
  transient: [90055, 90024, 90033],
};

const kindByNumber = new Map<number, RefusalKind>();
for (const [kind, numbers] of Object.entries(numbersByKind)) {
  for (const number of numbers) kindByNumber.set(number, kind as RefusalKind);
}

/** The kind of an AADSTS number. */
export const kindOf = (number: number): RefusalKind => kindByNumber.get(number) ?? 'misconfigured';

/** The kind of a code such as `AADSTS7000215`; undefined for any other text. */
export function readRefusalKind(code: string | undefined): RefusalKind | undefined {
  const number = /^AADSTS(\d+)$/.exec(code ?? '')?.[1];
  return number === undefined ? undefined : kindOf(Number(number));
}

/**
 * What a refusal of Entra's means for us. `credentialRejected`: the secret or certificate itself is bad, another one may be good ·
 * `noConsent`: the tenant does not know the app (any more) · `assertionRejected`: the user's token is · `unknownTenant`: there is no such
 * tenant · `transient`: the same request may succeed later · `misconfigured`: somebody has to change something.
 */
export type RefusalKind =
  | 'credentialRejected'
  | 'noConsent'
  | 'assertionRejected'
  | 'unknownTenant'
  | 'transient'
  | 'misconfigured';

/** By AADSTS number; every other one is `misconfigured`. */
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

/** Of an AADSTS number. */
export const kindOf = (number: number): RefusalKind => kindByNumber.get(number) ?? 'misconfigured';

/** Of a code such as `AADSTS7000215`; undefined for what is none. */
export function readRefusalKind(code: string | undefined): RefusalKind | undefined {
  const number = /^AADSTS(\d+)$/.exec(code ?? '')?.[1];
  return number === undefined ? undefined : kindOf(Number(number));
}

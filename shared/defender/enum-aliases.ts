/** An enumeration of Defender, which publishes some of its values in several spellings. */
export interface EnumAliases<T extends string = string> {
  /** In the spelling that we answer with: the one of the Defender XDR PATCH page. */
  readonly canonical: readonly T[];
  /** The canonical spelling of any published one, in any case; undefined for a value that we do not know. */
  toCanonical(text: string): T | undefined;
  /** The other published spellings of a canonical value, to try where a service refuses the first. */
  alternatives(value: string): readonly string[];
}

function defineSpellings<const T extends string>(alternativesByValue: Record<T, readonly string[]>): EnumAliases<T> {
  const canonical = Object.keys(alternativesByValue) as T[];
  const others: Record<string, readonly string[]> = alternativesByValue;
  const byAnySpelling = new Map<string, T>();
  for (const value of canonical) {
    for (const spelling of [value, ...alternativesByValue[value]]) byAnySpelling.set(spelling.toLowerCase(), value);
  }
  return {
    canonical,
    toCanonical: (text) => byAnySpelling.get(text.toLowerCase()),
    alternatives: (value) => others[value] ?? [],
  };
}

/** An enumeration whose values are published in one spelling each. */
export function spelledOnce<const T extends string>(values: readonly T[]): EnumAliases<T> {
  const byAnyCase = new Map(values.map((value) => [value.toLowerCase(), value]));
  return { canonical: values, toCanonical: (text) => byAnyCase.get(text.toLowerCase()), alternatives: () => [] };
}

export const incidentStatuses = defineSpellings({
  Active: [],
  InProgress: [],
  Resolved: [],
  Redirected: [],
  AwaitingAction: [],
  New: [],
});

/** Of an alert of Microsoft Graph. */
export const alertStatuses = defineSpellings({ New: [], InProgress: [], Resolved: [], Unknown: [] });

export const severities = defineSpellings({
  UnSpecified: ['Unknown'],
  Informational: [],
  Low: [],
  Medium: [],
  High: [],
});

export const classifications = defineSpellings({
  TruePositive: [],
  InformationalExpectedActivity: [],
  FalsePositive: [],
  Unknown: [],
});

/** The three published spellings: the XDR PATCH page, the XDR incident and Defender for Endpoint pages, and Microsoft Graph. */
export const determinations = defineSpellings({
  MultiStagedAttack: [],
  MaliciousUserActivity: [],
  CompromisedAccount: ['CompromisedUser'],
  Malware: [],
  Phishing: [],
  UnwantedSoftware: [],
  SecurityTesting: [],
  LineOfBusinessApplication: [],
  ConfirmedActivity: ['ConfirmedUserActivity'],
  Clean: ['NotMalicious'],
  NoEnoughDataToValidate: ['InsufficientData', 'NotEnoughDataToValidate'],
  Other: [],
  NotAvailable: ['Unknown'],
  Apt: [],
  SecurityPersonnel: [],
});

/** What an alert comes from, with the names that older incidents have for it. */
export const serviceSources = defineSpellings({
  MicrosoftDefenderForEndpoint: ['MicrosoftDefenderATP'],
  MicrosoftDefenderForIdentity: [],
  MicrosoftDefenderForCloudApps: ['MicrosoftCloudAppSecurity'],
  MicrosoftDefenderForOffice365: ['OfficeATP'],
  Microsoft365Defender: [],
  AzureAdIdentityProtection: [],
  MicrosoftAppGovernance: [],
  DataLossPrevention: [],
  MicrosoftDefenderForCloud: [],
  MicrosoftSentinel: [],
  MicrosoftInsiderRiskManagement: [],
  MicrosoftThreatIntelligence: [],
  Unknown: [],
});

/** Respells, in place, the enumerations of an incident or of an alert in it; says whether anything had to be changed. */
export const canonicalize = normalizeEnums({
  status: incidentStatuses,
  severity: severities,
  classification: classifications,
  determination: determinations,
});

/** The same for an alert of Microsoft Graph. */
export const canonicalizeAlert = normalizeEnums({
  status: alertStatuses,
  severity: severities,
  classification: classifications,
  determination: determinations,
  serviceSource: serviceSources,
});

/** Makes what respells these members of an entity. */
export function normalizeEnums(spellingsByMember: Record<string, EnumAliases>) {
  const members = Object.entries(spellingsByMember);
  return (entity: Record<string, unknown>): boolean => {
    let changed = false;
    for (const [member, spellings] of members) {
      const given = entity[member];
      if (typeof given !== 'string') continue;
      const canonical = spellings.toCanonical(given);
      if (canonical === undefined || canonical === given) continue;
      entity[member] = canonical;
      changed = true;
    }
    return changed;
  };
}

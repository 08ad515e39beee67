/** An enumeration of Defender, which publishes several spellings of some values. */
export interface EnumAliases<T extends string = string> {
  /** Values in the canonical spelling, that of the Defender XDR PATCH page. */
  readonly canonical: readonly T[];
  /** Canonical spelling of any published one, in any case. `undefined` for an unknown value. */
  toCanonical(text: string): T | undefined;
  /** Other published spellings of a canonical value. */
  aliasesOf(value: string): readonly string[];
}

/** Defines an enumeration by its canonical values, with the aliases of those that have some. */
export function defineEnum<const T extends string>(
  values: readonly T[],
  aliases: Partial<Record<T, readonly string[]>> = {},
): EnumAliases<T> {
  const aliasesByValue = new Map<string, readonly string[]>(Object.entries(aliases));
  const aliasesOf = (value: string) => aliasesByValue.get(value) ?? [];
  const bySpelling = new Map<string, T>();
  for (const value of values) {
    for (const spelling of [value, ...aliasesOf(value)]) bySpelling.set(spelling.toLowerCase(), value);
    bySpelling.set(value, value);
  }
  return {
    canonical: values,
    toCanonical: (text) => bySpelling.get(text) ?? bySpelling.get(text.toLowerCase()),
    aliasesOf,
  };
}

export const incidentStatuses = defineEnum(['Active', 'InProgress', 'Resolved', 'Redirected', 'AwaitingAction', 'New']);

/** Status of an alert of Microsoft Graph. */
export const alertStatuses = defineEnum(['New', 'InProgress', 'Resolved', 'Unknown']);

export const severities = defineEnum(['UnSpecified', 'Informational', 'Low', 'Medium', 'High'], {
  UnSpecified: ['Unknown'],
});

export const classifications = defineEnum([
  'TruePositive',
  'InformationalExpectedActivity',
  'FalsePositive',
  'Unknown',
]);

/** Aliases are those of the XDR incident page, the Defender for Endpoint pages and Microsoft Graph. */
export const determinations = defineEnum(
  [
    'MultiStagedAttack',
    'MaliciousUserActivity',
    'CompromisedAccount',
    'Malware',
    'Phishing',
    'UnwantedSoftware',
    'SecurityTesting',
    'LineOfBusinessApplication',
    'ConfirmedActivity',
    'Clean',
    'NoEnoughDataToValidate',
    'Other',
    'NotAvailable',
    'Apt',
    'SecurityPersonnel',
  ],
  {
    CompromisedAccount: ['CompromisedUser'],
    ConfirmedActivity: ['ConfirmedUserActivity'],
    Clean: ['NotMalicious'],
    NoEnoughDataToValidate: ['InsufficientData', 'NotEnoughDataToValidate'],
    NotAvailable: ['Unknown'],
  },
);

/** Products that raise alerts. Aliases are names in older incidents. */
export const serviceSources = defineEnum(
  [
    'MicrosoftDefenderForEndpoint',
    'MicrosoftDefenderForIdentity',
    'MicrosoftDefenderForCloudApps',
    'MicrosoftDefenderForOffice365',
    'Microsoft365Defender',
    'AzureAdIdentityProtection',
    'MicrosoftAppGovernance',
    'DataLossPrevention',
    'MicrosoftDefenderForCloud',
    'MicrosoftSentinel',
    'MicrosoftInsiderRiskManagement',
    'MicrosoftThreatIntelligence',
    'MicrosoftSecurityForAI',
    'Unknown',
  ],
  {
    MicrosoftDefenderForEndpoint: ['MicrosoftDefenderATP'],
    MicrosoftDefenderForCloudApps: ['MicrosoftCloudAppSecurity'],
    MicrosoftDefenderForOffice365: ['OfficeATP'],
  },
);

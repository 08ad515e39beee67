import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  alertStatuses,
  classifications,
  determinations,
  type EnumAliases,
  incidentStatuses,
  serviceSources,
  severities,
} from '../../../shared/defender/enum-aliases.ts';

/**
 * Row by row as published: the XDR PATCH page, whose spelling is ours; the XDR incident page and Defender for Endpoint; the
 * metadata of Graph; the prose of Graph.
 */
const publishedDeterminations: [string, string[], string, string[]][] = [
  ['MultiStagedAttack', ['MultiStagedAttack'], 'multiStagedAttack', ['multiStagedAttack']],
  ['MaliciousUserActivity', ['MaliciousUserActivity'], 'maliciousUserActivity', ['maliciousUserActivity']],
  ['CompromisedAccount', ['CompromisedUser'], 'compromisedAccount', ['compromisedUser']],
  ['Malware', ['Malware'], 'malware', ['malware']],
  ['Phishing', ['Phishing'], 'phishing', ['phishing']],
  ['UnwantedSoftware', ['UnwantedSoftware'], 'unwantedSoftware', ['unwantedSoftware']],
  ['SecurityTesting', ['SecurityTesting'], 'securityTesting', ['securityTesting']],
  [
    'LineOfBusinessApplication',
    ['LineOfBusinessApplication'],
    'lineOfBusinessApplication',
    ['lineOfBusinessApplication'],
  ],
  ['ConfirmedActivity', ['ConfirmedUserActivity', 'ConfirmedActivity'], 'confirmedActivity', ['confirmedUserActivity']],
  ['Clean', ['Clean', 'NotMalicious'], 'notMalicious', ['clean', 'notMalicious']],
  [
    'NoEnoughDataToValidate',
    ['InsufficientData'],
    'notEnoughDataToValidate',
    ['insufficientData', 'notEnoughDataToValidate'],
  ],
  ['Other', ['Other'], 'other', ['other']],
  ['Apt', ['Apt'], 'apt', ['apt']],
  ['SecurityPersonnel', ['SecurityPersonnel'], 'securityPersonnel', ['securityPersonnel']],
  ['NotAvailable', ['NotAvailable'], 'unknown', ['unknown']],
];

function assertSpelled(spellings: EnumAliases, canonical: string, others: readonly string[]): void {
  for (const text of [canonical, ...others].flatMap((each) => [each, each.toLowerCase(), each.toUpperCase()])) {
    assert.equal(spellings.toCanonical(text), canonical, text);
  }
}

describe('determinations', () => {
  for (const [canonical, ofDefender, ofGraph, ofGraphProse] of publishedDeterminations) {
    test(`recognizes ${canonical} in every published spelling and any case`, () => {
      assertSpelled(determinations, canonical, [...ofDefender, ofGraph, ...ofGraphProse]);
    });

    test(`has every other published spelling of ${canonical} as alias, once each`, () => {
      const published = [...ofDefender, ofGraph, ...ofGraphProse].map((each) => each.toLowerCase());
      const expected = new Set(published.filter((each) => each !== canonical.toLowerCase()));
      const alternatives = determinations.aliasesOf(canonical).map((each) => each.toLowerCase());
      assert.deepEqual(alternatives.toSorted(), [...expected].sort());
    });
  }

  test('has no other values', () => {
    assert.deepEqual(
      determinations.canonical.toSorted(),
      publishedDeterminations.map(([canonical]) => canonical).sort(),
    );
    for (const unknown of ['', 'Benign', 'constructor']) assert.equal(determinations.toCanonical(unknown), undefined);
  });
});

test('the other enumerations recognize the spellings of both services', () => {
  for (const status of ['Active', 'InProgress', 'Resolved', 'Redirected', 'AwaitingAction', 'New']) {
    assertSpelled(incidentStatuses, status, []);
  }
  for (const status of ['New', 'InProgress', 'Resolved', 'Unknown']) assertSpelled(alertStatuses, status, []);
  for (const severity of ['Informational', 'Low', 'Medium', 'High']) assertSpelled(severities, severity, []);
  assertSpelled(severities, 'UnSpecified', ['unknown']);
  for (const classification of ['Unknown', 'FalsePositive', 'TruePositive', 'InformationalExpectedActivity']) {
    assertSpelled(classifications, classification, []);
  }
  assertSpelled(serviceSources, 'AzureAdIdentityProtection', [
    'AzureADIdentityProtection',
    'azureAdIdentityProtection',
  ]);
  assertSpelled(serviceSources, 'MicrosoftDefenderForEndpoint', ['MicrosoftDefenderATP']);
  assertSpelled(serviceSources, 'MicrosoftSecurityForAI', ['microsoftSecurityForAI']);
  assertSpelled(serviceSources, 'MicrosoftDefenderForOffice365', ['OfficeATP']);
  assertSpelled(serviceSources, 'MicrosoftDefenderForCloudApps', ['MicrosoftCloudAppSecurity']);
});

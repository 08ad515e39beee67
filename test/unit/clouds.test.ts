import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CloudName, cloudEndpoints } from '../../shared/clouds.ts';

/** Authority, then origin and resource of Defender XDR, of Defender for Endpoint and of Graph. */
const published: Record<CloudName, string[]> = {
  public: [
    'https://login.microsoftonline.com',
    'https://api.security.microsoft.com',
    'https://api.security.microsoft.com',
    'https://api.security.microsoft.com',
    'https://api.securitycenter.microsoft.com',
    'https://graph.microsoft.com',
    'https://graph.microsoft.com',
  ],
  gcc: [
    'https://login.microsoftonline.com',
    'https://api-gcc.security.microsoft.us',
    'https://api-gcc.security.microsoft.us',
    'https://api-gcc.securitycenter.microsoft.us',
    'https://api-gcc.securitycenter.microsoft.us',
    'https://graph.microsoft.com',
    'https://graph.microsoft.com',
  ],
  gccHigh: [
    'https://login.microsoftonline.us',
    'https://api-gov.security.microsoft.us',
    'https://api-gov.security.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
    'https://graph.microsoft.us',
    'https://graph.microsoft.us',
  ],
  dod: [
    'https://login.microsoftonline.us',
    'https://api-gov.security.microsoft.us',
    'https://api-gov.security.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
    'https://dod-graph.microsoft.us',
    'https://dod-graph.microsoft.us',
  ],
};

function addressesOf(name: CloudName, region?: string): string[] {
  const { authority, apis } = cloudEndpoints(name, region);
  const { defenderXdr, defenderForEndpoint, graph } = apis;
  return [
    authority,
    ...[defenderXdr, defenderForEndpoint, graph].flatMap(({ origin, resource }) => [origin, resource]),
  ];
}

for (const name of ['public', 'gcc', 'gccHigh', 'dod'] as const) {
  test(`the addresses of ${name} are the published ones`, () => {
    assert.deepEqual(addressesOf(name), published[name]);
  });
}

test('each cloud has an audience for the token of a managed identity', () => {
  const audiences = (['public', 'gcc', 'gccHigh', 'dod'] as const).map(
    (name) => cloudEndpoints(name, undefined).tokenExchangeAudience,
  );
  const ofPublicCloud = 'api://AzureADTokenExchange';
  const ofUsGovernment = 'api://AzureADTokenExchangeUSGov';
  assert.deepEqual(audiences, [ofPublicCloud, ofPublicCloud, ofUsGovernment, ofUsGovernment]);
});

for (const region of ['us', 'eu', 'uk', 'au', 'swa', 'ina', 'aea']) {
  test(`the region ${region} changes hosts of Defender, but no resource, authority or Graph host`, () => {
    assert.deepEqual(addressesOf('public', region), [
      'https://login.microsoftonline.com',
      `https://${region}.api.security.microsoft.com`,
      'https://api.security.microsoft.com',
      `https://${region}.api.security.microsoft.com`,
      'https://api.securitycenter.microsoft.com',
      'https://graph.microsoft.com',
      'https://graph.microsoft.com',
    ]);
  });
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readStorageAccount } from '../../shared/storage-account.ts';

const key = 'eA+/x==';
const byKey = { kind: 'key', accountName: 'contoso', accountKey: key };
const parse = (setting: string) => readStorageAccount({ AzureWebJobsStorage: setting }, 'public');

describe('the storage account', () => {
  it('is none without the setting, or with a blank one', () => {
    assert.equal(readStorageAccount({}, 'public'), undefined);
    assert.equal(parse('  '), undefined);
  });

  const strings = {
    'with a key': [
      `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${key};EndpointSuffix=core.windows.net`,
      'https://contoso.table.core.windows.net',
    ],
    'of another cloud': [
      `AccountName=contoso;AccountKey=${key};EndpointSuffix=core.usgovcloudapi.net`,
      'https://contoso.table.core.usgovcloudapi.net',
    ],
    'with an address of its own': [
      `AccountName=contoso;AccountKey=${key};BlobEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:2/a/;`,
      'http://127.0.0.1:2/a',
    ],
    'with names in another case, and blanks': [
      ` accountname=contoso; ACCOUNTKEY=${key} `,
      'https://contoso.table.core.windows.net',
    ],
  } as const;
  for (const [what, [text, tableUrl]] of Object.entries(strings)) {
    it(`is read from a connection string ${what}`, () => {
      assert.deepEqual(parse(text), { tableUrl, authorization: byKey });
    });
  }

  it('is read from a connection string with a shared access signature', () => {
    const signature = 'sv=2024-11-04&ss=t&sig=a%2Bb%3D';
    assert.deepEqual(
      parse(`TableEndpoint=https://contoso.table.core.windows.net/;SharedAccessSignature=${signature}`),
      {
        tableUrl: 'https://contoso.table.core.windows.net',
        authorization: { kind: 'sharedAccessSignature', signature },
      },
    );
  });

  it('is none where the account has no tables', () => {
    assert.equal(parse('BlobEndpoint=https://contoso.blob.core.windows.net/;SharedAccessSignature=sig=x'), undefined);
  });

  it('can be the emulator', () => {
    assert.partialDeepStrictEqual(parse('UseDevelopmentStorage=true'), {
      tableUrl: 'http://127.0.0.1:10002/devstoreaccount1',
    });
  });

  it('is opened by the managed identity, in the domain of the cloud', () => {
    const environment = { AzureWebJobsStorage__accountName: 'contoso', AzureWebJobsStorage__clientId: 'c1' };
    for (const [cloud, domain] of [
      ['public', 'core.windows.net'],
      ['gcc', 'core.windows.net'],
      ['gccHigh', 'core.usgovcloudapi.net'],
      ['dod', 'core.usgovcloudapi.net'],
    ] as const) {
      assert.deepEqual(readStorageAccount(environment, cloud), {
        tableUrl: `https://contoso.table.${domain}`,
        authorization: { kind: 'identity', clientId: 'c1' },
      });
    }
    const tableUrl = 'https://tables.contoso.com';
    assert.deepEqual(readStorageAccount({ AzureWebJobsStorage__tableServiceUri: `${tableUrl}/` }, 'public'), {
      tableUrl,
      authorization: { kind: 'identity', clientId: undefined },
    });
  });

  it('is invalid when it is none of these', () => {
    for (const text of [
      'contoso',
      'AccountName=contoso',
      `AccountKey=${key}`,
      `AccountName=a;AccountKey=${key};TableEndpoint=x`,
    ]) {
      assert.equal(parse(text), 'invalid', text);
    }
    assert.equal(readStorageAccount({ AzureWebJobsStorage__accountName: 'not/an.account' }, 'public'), 'invalid');
  });
});

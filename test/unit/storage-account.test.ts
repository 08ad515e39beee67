import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readStorageAccount } from '../../shared/storage-account.ts';

const key = 'eA+/x==';
const byKey = `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${key}`;
const addressesIn = (domain: string, account = 'https://contoso') => ({
  tableUrl: `${account}.table.${domain}`,
  queueUrl: `${account}.queue.${domain}`,
  blobUrl: `${account}.blob.${domain}`,
});
const parse = (setting: string) => readStorageAccount({ AzureWebJobsStorage: setting }, 'public');

describe('storage account', () => {
  it('reads as absent without the setting, or with a blank one', () => {
    assert.equal(readStorageAccount({}, 'public'), undefined);
    assert.equal(parse('  '), undefined);
  });

  const strings = {
    'with a key': [
      `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${key};EndpointSuffix=core.windows.net`,
      addressesIn('core.windows.net'),
    ],
    'for another cloud': [
      `AccountName=contoso;AccountKey=${key};EndpointSuffix=core.usgovcloudapi.net`,
      addressesIn('core.usgovcloudapi.net'),
    ],
    'with its own endpoints': [
      `AccountName=contoso;AccountKey=${key};BlobEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:2/a/;`,
      { ...addressesIn('core.windows.net'), tableUrl: 'http://127.0.0.1:2/a', blobUrl: 'http://127.0.0.1:1/a' },
    ],
    'with names in another case, and spaces': [
      ` accountname=contoso; ACCOUNTKEY=${key} `,
      addressesIn('core.windows.net'),
    ],
  } as const;
  for (const [what, [text, addresses]] of Object.entries(strings)) {
    it(`parses a connection string ${what}`, () => {
      const { tableUrl, queueUrl, blobUrl } = addresses;
      const connectionString = `${byKey};TableEndpoint=${tableUrl};QueueEndpoint=${queueUrl};BlobEndpoint=${blobUrl}`;
      assert.deepEqual(parse(text), { ...addresses, authorization: { kind: 'connectionString', connectionString } });
    });
  }

  it('parses a connection string with a shared access signature, for the services that it names', () => {
    const signature = 'sv=2024-11-04&ss=t&sig=a%2Bb%3D';
    assert.deepEqual(
      parse(`TableEndpoint=https://contoso.table.core.windows.net/;SharedAccessSignature=${signature}`),
      {
        tableUrl: 'https://contoso.table.core.windows.net',
        queueUrl: undefined,
        blobUrl: undefined,
        authorization: {
          kind: 'connectionString',
          connectionString: `SharedAccessSignature=${signature};TableEndpoint=https://contoso.table.core.windows.net`,
        },
      },
    );
  });

  it('reads as absent if the account has no tables', () => {
    assert.equal(parse('BlobEndpoint=https://contoso.blob.core.windows.net/;SharedAccessSignature=sig=x'), undefined);
  });

  it('reads UseDevelopmentStorage=true as the emulator', () => {
    assert.partialDeepStrictEqual(parse('UseDevelopmentStorage=true'), {
      tableUrl: 'http://127.0.0.1:10002/devstoreaccount1',
      queueUrl: 'http://127.0.0.1:10001/devstoreaccount1',
      blobUrl: 'http://127.0.0.1:10000/devstoreaccount1',
    });
  });

  it('uses the managed identity, in the domain of the cloud', () => {
    const environment = { AzureWebJobsStorage__accountName: 'contoso', AzureWebJobsStorage__clientId: 'c1' };
    for (const [cloud, domain] of [
      ['public', 'core.windows.net'],
      ['gcc', 'core.windows.net'],
      ['gccHigh', 'core.usgovcloudapi.net'],
      ['dod', 'core.usgovcloudapi.net'],
    ] as const) {
      assert.deepEqual(readStorageAccount(environment, cloud), {
        ...addressesIn(domain),
        authorization: { kind: 'identity', clientId: 'c1' },
      });
    }
    const tableUrl = 'https://tables.contoso.com';
    assert.deepEqual(readStorageAccount({ AzureWebJobsStorage__tableServiceUri: `${tableUrl}/` }, 'public'), {
      tableUrl,
      queueUrl: undefined,
      blobUrl: undefined,
      authorization: { kind: 'identity', clientId: undefined },
    });
  });

  it('uses the managed identity at the given service URIs', () => {
    const environment = {
      AzureWebJobsStorage__accountName: 'contoso',
      AzureWebJobsStorage__queueServiceUri: 'https://queues.contoso.com',
      AzureWebJobsStorage__blobServiceUri: 'https://blobs.contoso.com/',
    };
    assert.deepEqual(readStorageAccount(environment, 'public'), {
      tableUrl: 'https://contoso.table.core.windows.net',
      queueUrl: 'https://queues.contoso.com',
      blobUrl: 'https://blobs.contoso.com',
      authorization: { kind: 'identity', clientId: undefined },
    });
  });

  it('reads as absent if the managed identity is for blobs and queues only', () => {
    assert.equal(
      readStorageAccount({ AzureWebJobsStorage__blobServiceUri: 'https://blobs.contoso.com' }, 'public'),
      undefined,
    );
  });

  it('rejects anything else', () => {
    for (const text of [
      'contoso',
      'AccountName=contoso',
      `AccountKey=${key}`,
      `AccountName=a;AccountKey=${key};TableEndpoint=x`,
      `AccountName=a;AccountKey=${key};QueueEndpoint=x`,
    ]) {
      assert.equal(parse(text), 'invalid', text);
    }
    assert.equal(readStorageAccount({ AzureWebJobsStorage__accountName: 'not/an.account' }, 'public'), 'invalid');
  });
});

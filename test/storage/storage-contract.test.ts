import { after } from 'node:test';
import { startAzurite } from './azurite.ts';
import { testBlobs } from './blob-contract.ts';
import { testQueues } from './queue-contract.ts';
import { testTables } from './table-contract.ts';
import { createMemoryAccount, toAzuriteAccount } from './test-account.ts';

// The account in memory, on which the tests of the app rely, keeps the same contract as Microsoft's emulator.
const azurite = await startAzurite();
after(() => azurite.stop());

for (const account of [toAzuriteAccount(azurite.connectionString), createMemoryAccount()]) {
  testTables(account);
  testQueues(account);
  testBlobs(account);
}

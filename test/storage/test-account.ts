import assert from 'node:assert/strict';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { QueueClient } from '@azure/storage-queue';
import { createHttpClient } from '../../shared/outbound/transport.ts';
import { readStorageAccount, type StorageAccount } from '../../shared/storage-account.ts';
import { createStorageAccount } from '../sandbox/storage/storage-account.ts';
import { createFakeClock } from '../unit/fake-clock.ts';

interface ReceivedMessage {
  readonly text: string;
  /** Epoch milliseconds. */
  readonly insertedAt: number;
  readonly expiresAt: number;
}

/** A storage account under test, with the arguments that open it. */
export interface TestAccount {
  readonly name: string;
  readonly account: StorageAccount;
  readonly managedIdentity: { getToken(): never };
  readonly platform: { httpClient: HttpClient; clock: ReturnType<typeof createFakeClock>; random: () => number };
  /** Receives all visible messages. */
  receive(queue: string): Promise<ReceivedMessage[]>;
  /** Counts messages, hidden ones included. */
  countMessages(queue: string): Promise<number>;
}

const maxReceived = 32;

export const toAzuriteAccount = (connectionString: string): TestAccount => ({
  ...createAccount('Azurite', connectionString, createHttpClient({})),
  async receive(queue) {
    const client = new QueueClient(connectionString, queue);
    const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: maxReceived });
    return receivedMessageItems.map(({ messageText, insertedOn, expiresOn }) => ({
      text: messageText,
      insertedAt: insertedOn.getTime(),
      expiresAt: expiresOn.getTime(),
    }));
  },
  async countMessages(queue) {
    const { approximateMessagesCount = 0 } = await new QueueClient(connectionString, queue).getProperties();
    return approximateMessagesCount;
  },
});

export function createMemoryAccount(): TestAccount {
  const memory = createStorageAccount(Date.now);
  return {
    ...createAccount('the sandbox', memory.connectionString, memory),
    receive: async (queue) => memory.queues.receive(queue, maxReceived, 30_000),
    countMessages: async (queue) => memory.queues.messagesOf(queue)?.length ?? 0,
  };
}

function createAccount(name: string, connectionString: string, httpClient: HttpClient) {
  const account = readStorageAccount({ AzureWebJobsStorage: connectionString }, 'public');
  assert.ok(account !== undefined && account !== 'invalid');
  const managedIdentity = { getToken: () => assert.fail('A key needs no token') };
  return { name, account, managedIdentity, platform: { httpClient, clock: createFakeClock(), random: () => 0 } };
}

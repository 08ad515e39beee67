/** What we use of the SDK, imported when a queue is first needed: most calls need none. */
export { QueueClient, StorageSharedKeyCredential } from '@azure/storage-queue';

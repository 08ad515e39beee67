/** The part of the SDK in use, loaded when a queue is first needed. */
export { QueueClient } from '@azure/storage-queue';

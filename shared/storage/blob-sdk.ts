/** The part of the SDK in use, loaded when a container is first needed. */
export { BlockBlobClient, ContainerClient } from '@azure/storage-blob';

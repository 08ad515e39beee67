/** What we use of the SDK, imported when a container is first needed: most calls need none. */
export { BlockBlobClient, ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';

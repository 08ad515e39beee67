/** What we use of the SDK, imported when a table is first needed: most calls need none. */
export { AzureNamedKeyCredential, AzureSASCredential, TableClient } from '@azure/data-tables';

/** The part of the SDK in use, loaded when a table is first needed. */
export { TableClient } from '@azure/data-tables';
